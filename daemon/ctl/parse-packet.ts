import { parseAddress } from '../../src/net/address.ts';
import { icmpProtocol, packetProblem } from '../../src/net/packet.ts';
import type { Packet, PacketConntrack, PacketDnat } from '../../src/net/packet.ts';
import { protocolHasPorts, protocolNumber } from '../../src/net/protocol.ts';
import { usageError } from './ctl-error.ts';

type Options = Readonly<Record<string, unknown>>;

interface End {
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number | null;
}

// What clients use when nobody says otherwise; policies rarely ask.
const SOURCE_PORT = 49_152;

/** The packet that `tcp 198.51.100.10:4000 10.0.0.1:22` and its options describe. */
export function parsePacket(words: readonly string[], options: Options): Packet {
  const [forwarded, args] = splitForward(words, options['forward']);
  const [protocolWord, sourceWord, destinationWord, ...more] = args;
  if (
    protocolWord === undefined ||
    sourceWord === undefined ||
    destinationWord === undefined ||
    more.length > 0
  ) {
    throw usageError(
      'write a protocol, a source and a destination, such as: tcp 198.51.100.10:4000 10.0.0.1:22',
    );
  }
  const protocol = parseProtocol(protocolWord);
  const source = parseEnd('source', sourceWord);
  const destination = parseEnd('destination', destinationWord);
  const packet: Packet = {
    ...parsePath(options, forwarded),
    ...header(protocol, source, destination),
    ...icmpHeader(protocol, source.family, options),
    oifnameAfterDnat: null,
    mark: 0,
    dnat: parseDnat(options['dnat']),
  };
  const problem = packetProblem(packet);
  if (problem !== null) throw usageError(problem);
  return packet;
}

// An option with several values also takes what comes after them.
function splitForward(
  words: readonly string[],
  forward: unknown,
): readonly [readonly string[] | null, readonly string[]] {
  if (!Array.isArray(forward)) return [null, words];
  const given = forward as readonly string[];
  return [given.slice(0, 2), [...words, ...given.slice(2)]];
}

function parsePath(
  options: Options,
  forwarded: readonly string[] | null,
): Pick<Packet, 'path' | 'iifname' | 'oifname'> {
  const [first, second] = forwarded ?? [];
  const iifname = first ?? textOf(options['in']);
  const oifname = second ?? textOf(options['out']);
  if (forwarded !== null && second === undefined) {
    throw usageError(
      '--forward needs two interfaces: where the packet comes in and where it leaves',
    );
  }
  if (iifname === '' && oifname === '') {
    throw usageError('say where the packet passes: --in eth0, --out eth0, or --forward eth0 eth1');
  }
  if (iifname === 'lo' || oifname === 'lo')
    return { path: 'loopback', iifname: 'lo', oifname: 'lo' };
  const path = oifname === '' ? 'input' : iifname === '' ? 'output' : 'forward';
  return { path, iifname, oifname };
}

function header(
  protocol: number,
  source: End,
  destination: End,
): Pick<
  Packet,
  'family' | 'protocol' | 'source' | 'destination' | 'sourcePort' | 'destinationPort'
> {
  const common = {
    family: source.family,
    protocol,
    source: source.address,
    destination: destination.address,
  };
  if (!protocolHasPorts(protocol)) {
    if (source.port !== null || destination.port !== null) {
      throw usageError(`packets of protocol ${protocol} have no ports: write addresses only`);
    }
    return { ...common, sourcePort: null, destinationPort: null };
  }
  if (destination.port === null) {
    const example =
      destination.family === 4 ? `${destination.address}:22` : `[${destination.address}]:22`;
    throw usageError(`the destination needs a port, such as ${example}`);
  }
  return { ...common, sourcePort: source.port ?? SOURCE_PORT, destinationPort: destination.port };
}

function icmpHeader(
  protocol: number,
  family: 4 | 6,
  options: Options,
): Pick<Packet, 'icmpType' | 'icmpCode' | 'hopLimit' | 'conntrack'> {
  const isIcmp = protocol === icmpProtocol(family);
  if (!isIcmp && (protocol === 1 || protocol === 58)) {
    throw usageError(`write ${family === 4 ? 'icmp' : 'icmpv6'} between IPv${family} addresses`);
  }
  const type = parseNumber('--icmp-type', options['icmpType'], family === 4 ? 8 : 128);
  const code = parseNumber('--icmp-code', options['icmpCode'], 0);
  const ofLink = isIcmp && family === 6 ? OF_LINK.get(type) : undefined;
  return {
    icmpType: isIcmp ? type : null,
    icmpCode: isIcmp ? code : null,
    hopLimit: ofLink ?? 64,
    conntrack: stateOf(options['state'], ofLink === undefined ? 'new' : 'untracked'),
  };
}

// Neighbour discovery and multicast listener discovery, which the kernel does not track, with the hop
// limit that their senders give them.
const OF_LINK: ReadonlyMap<number, number> = new Map([
  ...[130, 131, 132, 143].map((type) => [type, 1] as const),
  ...[133, 134, 135, 136, 137].map((type) => [type, 255] as const),
]);

function stateOf(state: unknown, otherwise: PacketConntrack): PacketConntrack {
  return typeof state === 'string' ? (state as PacketConntrack) : otherwise;
}

function parseProtocol(word: string): number {
  const number = /^\d{1,3}$/.test(word) ? Number(word) : protocolNumber(word);
  if (number !== null && number <= 255) return number;
  throw usageError(
    `"${word}" is no protocol: write tcp, udp, icmp, icmpv6, sctp, udplite or a number from 0 to 255`,
  );
}

function parseEnd(what: string, word: string): End {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(word);
  const dotted = /^([\d.]+)(?::(\d+))?$/.exec(word);
  const [, text = word, port] = bracketed ?? dotted ?? [];
  const address = parseAddress(text);
  const isPort = port === undefined || Number(port) <= 65_535;
  if (address === null || !isPort) {
    throw usageError(
      `the ${what} "${word}" cannot be read: write 10.0.0.1, 10.0.0.1:22, 2001:db8::1 or [2001:db8::1]:22`,
    );
  }
  return {
    address: address.text,
    family: address.family,
    port: port === undefined ? null : Number(port),
  };
}

function parseDnat(value: unknown): PacketDnat | null {
  if (typeof value !== 'string') return null;
  const { address, port } = parseEnd('translation', value);
  return { destination: address, destinationPort: port };
}

function parseNumber(option: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 255) return number;
  throw usageError(`${option} is a number from 0 to 255`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
