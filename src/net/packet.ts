import { parseAddress } from './address.ts';
import type { Family } from './address.ts';
import { protocolHasPorts } from './protocol.ts';

/**
 * Which hooks a packet passes: to a local process, from one, routed through, or from one local process to
 * another over the loopback device (out, then in).
 */
export type PacketPath = 'input' | 'output' | 'forward' | 'loopback';

/** What connection tracking will say of the packet; `untracked` as the kernel treats neighbour discovery. */
export type PacketConntrack = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** An imaginary packet of one flow, as it looks when it arrives or leaves its process, and its way. */
export interface Packet {
  readonly path: PacketPath;
  readonly family: Family;
  /** Where it comes in; empty on the path `output`. */
  readonly iifname: string;
  /** Where it leaves; empty on the path `input`. With `dnat`, on `forward`, the interface after routing anew. */
  readonly oifname: string;
  /** Where a packet of this host leaves after `dnat`; null: the same interface. */
  readonly oifnameAfterDnat: string | null;
  /** Canonical, as all addresses here. */
  readonly source: string;
  /** Before `dnat`. */
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Null for protocols without ports. */
  readonly sourcePort: number | null;
  /** Before `dnat`; null for protocols without ports. */
  readonly destinationPort: number | null;
  /** Null unless the protocol is the family's ICMP. */
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly hopLimit: number;
  /** The mark that it carries when it enters the first hook. */
  readonly mark: number;
  readonly conntrack: PacketConntrack;
  /** Where others' rules send the flow; has no effect on packets that conntrack does not know. */
  readonly dnat: PacketDnat | null;
}

export interface PacketDnat {
  readonly destination: string;
  /** Null keeps the port. */
  readonly destinationPort: number | null;
}

/** The ICMP protocol of a family: 1 or 58. */
export function icmpProtocol(family: Family): number {
  return family === 4 ? 1 : 58;
}

/** What is contradictory in a packet, in words for people; null when it could exist. */
export function packetProblem(packet: Packet): string | null {
  return addressProblem(packet) ?? headerProblem(packet) ?? interfaceProblem(packet);
}

function addressProblem({ family, source, destination, dnat }: Packet): string | null {
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['source', source],
    ['destination', destination],
    ['DNAT destination', dnat?.destination],
  ];
  for (const [field, text] of fields) {
    if (text === undefined) continue;
    const address = parseAddress(text);
    if (address?.family !== family) return `the ${field} "${text}" is not an IPv${family} address`;
    if (address.text !== text) return `the ${field} "${text}" has to be written ${address.text}`;
  }
  return null;
}

function headerProblem(packet: Packet): string | null {
  const { protocol, family, sourcePort, destinationPort, icmpType, icmpCode } = packet;
  if (protocolHasPorts(protocol) && (sourcePort === null || destinationPort === null)) {
    return `a packet of protocol ${protocol} needs a source and a destination port`;
  }
  if (protocol === icmpProtocol(family) && (icmpType === null || icmpCode === null)) {
    return `a packet of protocol ${protocol} needs an ICMP type and code`;
  }
  return null;
}

function interfaceProblem({ path, iifname, oifname }: Packet): string | null {
  if (path !== 'output' && iifname === '') return `a packet on the path ${path} needs iifname`;
  if (path !== 'input' && oifname === '') return `a packet on the path ${path} needs oifname`;
  return null;
}
