import { formatAddress } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import { protocolHasPorts } from '../net/protocol.ts';
import type { LoggedPacket, TcpFlag } from './packet-log.ts';

/** What the first bytes of a packet say. */
export type PacketHeaders = Pick<
  LoggedPacket,
  | 'family'
  | 'source'
  | 'destination'
  | 'protocol'
  | 'sourcePort'
  | 'destinationPort'
  | 'icmpType'
  | 'icmpCode'
  | 'tcpFlags'
  | 'length'
>;

/** The network header: what is known before the transport header is looked at. */
interface NetworkHeader extends Pick<
  PacketHeaders,
  'family' | 'source' | 'destination' | 'protocol' | 'length'
> {
  /** The transport header and what follows; null when this packet does not contain it. */
  readonly transport: Buffer | null;
}

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_OFFSET = 0x1fff;
/** IPv6 extension headers that are passed over: hop-by-hop, routing, destination options, mobility. */
const OPTIONS = new Set([0, 43, 60, 135]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const TCP = 6;
const ICMP_OF_FAMILY = { 4: 1, 6: 58 } as const;
const TCP_FLAGS: readonly TcpFlag[] = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'];

/** Reads a packet from its IP header on, cut off anywhere. Null when not even that header is whole. Never throws. */
export function readHeaders(packet: Buffer): PacketHeaders | null {
  const network = readNetworkHeader(packet);
  if (network === null) return null;
  const { transport, ...header } = network;
  const { family, protocol } = header;
  return {
    ...header,
    sourcePort: protocolHasPorts(protocol) ? uint16(transport, 0) : null,
    destinationPort: protocolHasPorts(protocol) ? uint16(transport, 2) : null,
    icmpType: protocol === ICMP_OF_FAMILY[family] ? (transport?.[0] ?? null) : null,
    icmpCode: protocol === ICMP_OF_FAMILY[family] ? (transport?.[1] ?? null) : null,
    tcpFlags: protocol === TCP ? tcpFlags(transport?.[13]) : null,
  };
}

function readNetworkHeader(packet: Buffer): NetworkHeader | null {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return readIpv4(packet);
  return version === 6 ? readIpv6(packet) : null;
}

function readIpv4(packet: Buffer): NetworkHeader | null {
  const headerLength = ((packet[0] ?? 0) & 15) * 4;
  if (packet.length < IPV4_HEADER || headerLength < IPV4_HEADER) return null;
  const isLaterFragment = (packet.readUInt16BE(6) & FRAGMENT_OFFSET) !== 0;
  return {
    family: 4,
    source: addressAt(packet, 4, 12),
    destination: addressAt(packet, 4, 16),
    protocol: packet.readUInt8(9),
    length: packet.readUInt16BE(2),
    transport: isLaterFragment ? null : packet.subarray(headerLength),
  };
}

function readIpv6(packet: Buffer): NetworkHeader | null {
  if (packet.length < IPV6_HEADER) return null;
  return {
    family: 6,
    source: addressAt(packet, 6, 8),
    destination: addressAt(packet, 6, 24),
    length: IPV6_HEADER + packet.readUInt16BE(4),
    ...skipExtensions(packet.readUInt8(6), packet.subarray(IPV6_HEADER)),
  };
}

// Ends: every turn takes at least eight bytes off.
function skipExtensions(
  first: number,
  afterHeader: Buffer,
): Pick<NetworkHeader, 'protocol' | 'transport'> {
  let [protocol, rest] = [first, afterHeader];
  for (;;) {
    const isFragment = protocol === FRAGMENT;
    if (!isFragment && protocol !== AUTHENTICATION && !OPTIONS.has(protocol))
      return { protocol, transport: rest };
    if (rest.length < 8) return { protocol, transport: null };
    const isLaterFragment = isFragment && rest.readUInt16BE(2) >> 3 !== 0;
    const length = extensionLength(protocol, rest.readUInt8(1));
    protocol = rest.readUInt8(0);
    if (isLaterFragment) return { protocol, transport: null };
    rest = rest.subarray(length);
  }
}

// RFC 8200 counts units of eight bytes after the first, RFC 4302 units of four after the first two.
function extensionLength(protocol: number, field: number): number {
  if (protocol === FRAGMENT) return 8;
  return protocol === AUTHENTICATION ? Math.max(8, (field + 2) * 4) : (field + 1) * 8;
}

function addressAt(packet: Buffer, family: Family, offset: number): string {
  if (family === 4) return packet.subarray(offset, offset + 4).join('.');
  const high = packet.readBigUInt64BE(offset);
  return formatAddress(6, (high << 64n) | packet.readBigUInt64BE(offset + 8));
}

function uint16(transport: Buffer | null, offset: number): number | null {
  if (transport === null || transport.length < offset + 2) return null;
  return transport.readUInt16BE(offset);
}

function tcpFlags(bits: number | undefined): readonly TcpFlag[] | null {
  return bits === undefined ? null : TCP_FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
