import { addressLength, parseAddress } from '../net/address.ts';
import { cidrContains, cidrOf, parseNet } from '../net/cidr.ts';
import { icmpProtocol } from '../net/packet.ts';
import { portIn } from '../net/port.ts';
import { protocolHasPorts } from '../net/protocol.ts';
import type { PacketView } from './evaluate-hooks.ts';
import type { AddressSide, Match, NamedSet, PortSide } from './ruleset.ts';

/** Whether a condition holds, or why this evaluator cannot say. */
export type MatchOutcome = boolean | { readonly unsupported: string };

type Sets = ReadonlyMap<string, NamedSet>;
type MatchOf<K extends Match['kind']> = Extract<Match, { readonly kind: K }>;

/**
 * One condition as the kernel evaluates it: a field that the packet does not have never matches, negated or
 * not. `limit` counts as matching: it only throttles.
 */
export function evaluateMatch(match: Match, view: PacketView, sets: Sets): MatchOutcome {
  if (isHeaderMatch(match)) return evaluateHeader(match, view, sets);
  switch (match.kind) {
    case 'iifname':
      return evaluateName(match.names, view.iifname);
    case 'oifname':
      return evaluateName(match.names, view.oifname);
    case 'family':
      return view.packet.family === match.family;
    case 'l4proto':
      return match.protocols.includes(view.packet.protocol) !== match.negated;
    case 'hoplimit':
      return view.packet.family === 6 && view.packet.hopLimit === match.value;
    case 'ct-state':
      return match.states.includes(view.conntrack);
    case 'ct-status-dnat':
      return view.isDnat;
    case 'mark':
      return (view.mark & match.mask) >>> 0 === match.value >>> 0;
    case 'limit':
      return true;
  }
}

/** A condition on addresses, ports or ICMP. */
type HeaderMatch = MatchOf<'address' | 'address-set' | 'port' | 'named-port' | 'icmp'>;

function isHeaderMatch(match: Match): match is HeaderMatch {
  return 'side' in match || match.kind === 'icmp';
}

function evaluateHeader(match: HeaderMatch, view: PacketView, sets: Sets): MatchOutcome {
  switch (match.kind) {
    case 'address':
      return evaluateAddress(match, view);
    case 'address-set':
      return evaluateAddressSet(match, view, sets);
    case 'port':
      return evaluatePort(match, view);
    case 'named-port':
      return evaluateNamedPort(match, view, sets);
    case 'icmp':
      return evaluateIcmp(match, view);
  }
}

function evaluateName(names: readonly string[], name: string): MatchOutcome {
  const pattern = names.find((one) => one.endsWith('*'));
  if (pattern !== undefined) return { unsupported: `interface name "${pattern}" is a wildcard` };
  return names.includes(name);
}

function evaluateAddress(match: MatchOf<'address'>, view: PacketView): MatchOutcome {
  if (view.packet.family !== match.family) return false;
  const address = parseAddress(addressOf(match.side, view));
  if (address === null) return { unsupported: `the packet has no ${match.side}` };
  let isIn = false;
  for (const text of match.nets) {
    const net = parseNet(text);
    if (net?.family !== match.family) {
      return { unsupported: `"${text}" is not an IPv${match.family} address or CIDR` };
    }
    isIn ||= cidrContains(net, address);
  }
  return isIn !== match.negated;
}

function evaluateAddressSet(
  match: MatchOf<'address-set'>,
  view: PacketView,
  sets: Sets,
): MatchOutcome {
  const set = findSet(match.set, sets, ['hash', 'interval'], match.family);
  if ('unsupported' in set) return set;
  if (view.packet.family !== match.family) return false;
  return addressInSet(set, addressOf(match.side, view)) !== match.negated;
}

function addressInSet(set: NamedSet, text: string): boolean {
  if (set.elements.has(text)) return true;
  const address = parseAddress(text);
  if (set.kind === 'hash' || address === null) return false;
  for (let prefix: number = addressLength(set.family); prefix >= 0; prefix--) {
    if (set.elements.has(cidrOf(set.family, address.bits, prefix).text)) return true;
  }
  return false;
}

function evaluatePort(match: MatchOf<'port'>, view: PacketView): MatchOutcome {
  const port = portOf(match.side, view);
  if (port === null) {
    const { protocol } = view.packet;
    return { unsupported: `${match.side} is asked of protocol ${protocol}, which has no ports` };
  }
  return portIn(match.ports, port) !== match.negated;
}

function evaluateNamedPort(
  match: MatchOf<'named-port'>,
  view: PacketView,
  sets: Sets,
): MatchOutcome {
  const set = findSet(match.set, sets, ['named-port'], match.family);
  if ('unsupported' in set) return set;
  const { family, protocol } = view.packet;
  if (family !== match.family) return false;
  const isSource = match.side === 'source';
  const address = addressOf(isSource ? 'saddr' : 'daddr', view);
  const port = portOf(isSource ? 'sport' : 'dport', view);
  // Other protocols have bytes there as well, but no element has their number.
  const isIn =
    protocolHasPorts(protocol) && set.elements.has(`${address} . ${protocol} . ${port ?? ''}`);
  return isIn !== match.negated;
}

function evaluateIcmp(match: MatchOf<'icmp'>, { packet }: PacketView): boolean {
  if (packet.family !== match.family || packet.protocol !== icmpProtocol(match.family))
    return false;
  const value = match.field === 'type' ? packet.icmpType : packet.icmpCode;
  return value !== null && match.values.includes(value) !== match.negated;
}

function findSet(
  name: string,
  sets: Sets,
  kinds: readonly NamedSet['kind'][],
  family: 4 | 6,
): NamedSet | { readonly unsupported: string } {
  const set = sets.get(name);
  if (set === undefined) return { unsupported: `there is no set ${name}` };
  if (!kinds.includes(set.kind)) {
    return { unsupported: `set ${name} is of kind ${set.kind}, not ${kinds.join(' or ')}` };
  }
  if (set.family !== family) {
    return { unsupported: `set ${name} holds IPv${set.family}, the rule asks for IPv${family}` };
  }
  return set;
}

function addressOf(side: AddressSide, view: PacketView): string {
  return side === 'saddr' ? view.packet.source : view.destination;
}

function portOf(side: PortSide, view: PacketView): number | null {
  return side === 'sport' ? view.packet.sourcePort : view.destinationPort;
}
