import { formatAddress, ipv6Bits, parseAddress } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import { encodeAttribute, parseAttributes } from '../netlink/message.ts';
import type { Flow, FlowTuple, IcmpKey, TcpState } from './conntrack.ts';

/** Message types of ctnetlink: NFNL_SUBSYS_CTNETLINK << 8 and IPCTNL_MSG_CT_*. */
export const CTNETLINK = { newFlow: 0x100, getFlow: 0x101, deleteFlow: 0x102 } as const;

const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;
const HEADER_LENGTH = 4;
const NLA_F_NESTED = 0x8000;

const CTA = {
  tupleOriginal: 1,
  tupleReply: 2,
  status: 3,
  protocolInfo: 4,
  mark: 8,
  id: 12,
  zone: 18,
} as const;
const CTA_TUPLE = { ip: 1, protocol: 2 } as const;
const CTA_PROTO = { number: 1, sourcePort: 2, destinationPort: 3 } as const;
const CTA_PROTOINFO_TCP = 1;
const CTA_PROTOINFO_TCP_STATE = 1;
/** Types of the attributes that differ between the families. */
const FAMILY_ATTRIBUTES = {
  4: { source: 1, destination: 2, icmpId: 4, icmpType: 5, icmpCode: 6 },
  6: { source: 3, destination: 4, icmpId: 7, icmpType: 8, icmpCode: 9 },
} as const;

const TCP_STATES: readonly TcpState[] = [
  'none',
  'syn-sent',
  'syn-recv',
  'established',
  'fin-wait',
  'close-wait',
  'last-ack',
  'time-wait',
  'close',
  'syn-sent2',
];

/** The body of a request for the flows of both families. */
export function flowDumpRequest(): Buffer {
  return Buffer.from([AF_UNSPEC, 0, 0, 0]);
}

/**
 * The body of a request to delete exactly this flow; null when one of its addresses is none: a request without a
 * whole tuple would delete every flow of the host.
 */
export function flowDeleteRequest(flow: Flow): Buffer | null {
  const tuple = encodeTuple(flow);
  if (tuple === null) return null;
  const parts = [Buffer.from([flow.family === 4 ? AF_INET : AF_INET6, 0, 0, 0]), tuple];
  if (flow.id !== null) parts.push(encodeAttribute(CTA.id, uint32(flow.id)));
  if (flow.zone !== 0) parts.push(encodeAttribute(CTA.zone, uint16(flow.zone)));
  return Buffer.concat(parts);
}

/** The flow in the body of an IPCTNL_MSG_CT_NEW message; null when it is of another family or incomplete. Never throws. */
export function decodeFlow(payload: Buffer): Flow | null {
  const family = familyOf(payload[0]);
  if (family === null) return null;
  const attributes = parseAttributes(payload.subarray(HEADER_LENGTH));
  const original = decodeTuple(family, attributes.get(CTA.tupleOriginal));
  const reply = decodeTuple(family, attributes.get(CTA.tupleReply));
  if (original === null || reply === null) return null;
  const id = attributes.get(CTA.id);
  return {
    family,
    protocol: original.protocol,
    original: original.tuple,
    reply: reply.tuple,
    status: readUnsigned(attributes.get(CTA.status)),
    mark: readUnsigned(attributes.get(CTA.mark)),
    zone: readUnsigned(attributes.get(CTA.zone)),
    id: id === undefined ? null : readUnsigned(id),
    tcpState: decodeTcpState(attributes.get(CTA.protocolInfo)),
  };
}

function familyOf(byte: number | undefined): Family | null {
  if (byte === AF_INET) return 4;
  return byte === AF_INET6 ? 6 : null;
}

function decodeTuple(
  family: Family,
  bytes: Buffer | undefined,
): { readonly protocol: number; readonly tuple: FlowTuple } | null {
  if (bytes === undefined) return null;
  const parts = parseAttributes(bytes);
  const ip = parts.get(CTA_TUPLE.ip);
  const protocol = parts.get(CTA_TUPLE.protocol);
  if (ip === undefined || protocol === undefined) return null;
  const types = FAMILY_ATTRIBUTES[family];
  const addresses = parseAttributes(ip);
  const source = addressText(family, addresses.get(types.source));
  const destination = addressText(family, addresses.get(types.destination));
  if (source === null || destination === null) return null;
  const fields = parseAttributes(protocol);
  const tuple = {
    source,
    destination,
    sourcePort: readOptional(fields.get(CTA_PROTO.sourcePort)),
    destinationPort: readOptional(fields.get(CTA_PROTO.destinationPort)),
    icmp: decodeIcmp(family, fields),
  };
  return { protocol: readUnsigned(fields.get(CTA_PROTO.number)), tuple };
}

function decodeIcmp(family: Family, fields: ReadonlyMap<number, Buffer>): IcmpKey | null {
  const types = FAMILY_ATTRIBUTES[family];
  const type = readOptional(fields.get(types.icmpType));
  const code = readOptional(fields.get(types.icmpCode));
  const id = readOptional(fields.get(types.icmpId));
  return type === null || code === null || id === null ? null : { type, code, id };
}

function decodeTcpState(protocolInfo: Buffer | undefined): TcpState | null {
  if (protocolInfo === undefined) return null;
  const tcp = parseAttributes(protocolInfo).get(CTA_PROTOINFO_TCP);
  const state = tcp === undefined ? undefined : parseAttributes(tcp).get(CTA_PROTOINFO_TCP_STATE);
  return state?.length === 1 ? (TCP_STATES[state.readUInt8(0)] ?? null) : null;
}

function addressText(family: Family, bytes: Buffer | undefined): string | null {
  if (family === 4) return bytes?.length === 4 ? bytes.join('.') : null;
  if (bytes?.length !== 16) return null;
  return formatAddress(6, (bytes.readBigUInt64BE(0) << 64n) | bytes.readBigUInt64BE(8));
}

function encodeTuple(flow: Flow): Buffer | null {
  const { source, destination } = flow.original;
  const types = FAMILY_ATTRIBUTES[flow.family];
  const sourceBytes = addressBytes(flow.family, source);
  const destinationBytes = addressBytes(flow.family, destination);
  if (sourceBytes === null || destinationBytes === null) return null;
  const ip = nested(CTA_TUPLE.ip, [
    encodeAttribute(types.source, sourceBytes),
    encodeAttribute(types.destination, destinationBytes),
  ]);
  return nested(CTA.tupleOriginal, [ip, nested(CTA_TUPLE.protocol, encodeProtocol(flow))]);
}

function encodeProtocol({ family, protocol, original }: Flow): readonly Buffer[] {
  const { sourcePort, destinationPort, icmp } = original;
  const types = FAMILY_ATTRIBUTES[family];
  const parts = [encodeAttribute(CTA_PROTO.number, Buffer.from([protocol]))];
  if (sourcePort !== null) parts.push(encodeAttribute(CTA_PROTO.sourcePort, uint16(sourcePort)));
  if (destinationPort !== null)
    parts.push(encodeAttribute(CTA_PROTO.destinationPort, uint16(destinationPort)));
  if (icmp !== null)
    parts.push(
      encodeAttribute(types.icmpId, uint16(icmp.id)),
      encodeAttribute(types.icmpType, Buffer.from([icmp.type])),
      encodeAttribute(types.icmpCode, Buffer.from([icmp.code])),
    );
  return parts;
}

function addressBytes(family: Family, text: string): Buffer | null {
  if (family === 6) return bitsToBytes(ipv6Bits(text), 32);
  const address = parseAddress(text);
  return address?.family === 4 ? bitsToBytes(address.bits, 8) : null;
}

function bitsToBytes(bits: bigint | null, hexDigits: number): Buffer | null {
  return bits === null ? null : Buffer.from(bits.toString(16).padStart(hexDigits, '0'), 'hex');
}

function nested(type: number, parts: readonly Buffer[]): Buffer {
  return encodeAttribute(NLA_F_NESTED | type, Buffer.concat(parts));
}

// nfnetlink numbers are in network byte order, whatever the machine's.
function readUnsigned(bytes: Buffer | undefined): number {
  return readOptional(bytes) ?? 0;
}

function readOptional(bytes: Buffer | undefined): number | null {
  if (bytes === undefined || bytes.length === 0 || bytes.length > 4) return null;
  return bytes.readUIntBE(0, bytes.length);
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
