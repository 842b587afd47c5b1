import { parseAddress } from '../net/address.ts';
import { cidrContains, parseNet } from '../net/cidr.ts';
import { formatPortRange, portIn } from '../net/port.ts';
import type { EntityRule, MemberSet, PortList, Selector } from '../policy/local-policy.ts';
import { namedPortSetId, selectorSetId } from '../policy/set-id.ts';
import { findMember, membersOf } from './find-member.ts';
import type { SeenPacket } from './seen-packet.ts';
import type { SetLookup } from './step.ts';

export type Side = 'source' | 'destination';

/** What a comparison may look up, and where it tells what it found. */
export interface Consult {
  readonly sets: ReadonlyMap<string, MemberSet>;
  /** The rule's protocol: it is part of what a named port means. */
  readonly protocol: number | null;
  readonly record: (lookup: SetLookup) => void;
}

interface Asked {
  readonly entity: EntityRule;
  readonly side: Side;
  readonly packet: SeenPacket;
  readonly consult: Consult;
  readonly address: string;
  readonly port: number | null;
}

/** The first condition of a rule's `source` or `destination` that does not hold, in words; null: all hold. */
export function matchEntity(
  entity: EntityRule,
  side: Side,
  packet: SeenPacket,
  consult: Consult,
): string | null {
  const address = side === 'source' ? packet.source : packet.destination;
  const port = side === 'source' ? packet.sourcePort : packet.destinationPort;
  const asked: Asked = { entity, side, packet, consult, address, port };
  return matchNets(asked) ?? matchNotNets(asked) ?? matchSelectors(asked) ?? matchPorts(asked);
}

function matchNets({ entity: { nets }, side, packet, address }: Asked): string | null {
  if (nets === null) return null;
  const own = ofFamily(nets, packet.family);
  if (own.length === 0) return `the ${side} nets hold no IPv${packet.family} net`;
  if (containing(own, address) !== null) return null;
  return `${side} ${address} is not in nets ${list(own)}`;
}

function matchNotNets({ entity: { notNets }, side, packet, address }: Asked): string | null {
  if (notNets === null) return null;
  const own = ofFamily(notNets, packet.family);
  // Calico leaves such a rule out of the family's table as a whole.
  if (own.length === 0) return `the ${side} notNets hold no IPv${packet.family} net`;
  const net = containing(own, address);
  return net === null ? null : `${side} ${address} is in notNets ${net}`;
}

function matchSelectors(asked: Asked): string | null {
  const { entity, side, address } = asked;
  const { selector, notSelector } = entity;
  if (selector !== null && !isSelected(asked, selector)) {
    return `${side} ${address} is not selected by ${selector.text}`;
  }
  if (notSelector !== null && isSelected(asked, notSelector)) {
    return `${side} ${address} is selected by notSelector ${notSelector.text}`;
  }
  return null;
}

function matchPorts(asked: Asked): string | null {
  const { entity, side, port } = asked;
  const { ports, notPorts } = entity;
  const actual = port === null ? `the packet has no ${side} port` : `${side} port is ${port}`;
  if (ports !== null && !isListed(asked, ports)) return `${actual}, not ${portsText(ports)}`;
  if (notPorts !== null && isListed(asked, notPorts)) {
    return `${actual}, which is in notPorts ${portsText(notPorts)}`;
  }
  return null;
}

function isListed(asked: Asked, { numeric, named }: PortList): boolean {
  if (asked.port === null) return false;
  if (portIn(numeric, asked.port)) return true;
  return named.length > 0 && isNamedPort(asked, named);
}

function isNamedPort(asked: Asked, names: readonly string[]): boolean {
  const { consult, packet, address, port } = asked;
  const setId = namedPortSetId(asked.entity.positiveSelector, consult.protocol, names);
  const wanted = `${address} . ${packet.protocol} . ${port ?? ''}`;
  const set = consult.sets.get(setId);
  const isMember = set !== undefined && membersOf(set, packet.family).has(wanted);
  const description = set?.description ?? `port ${names.join(' or ')}`;
  consult.record({ setId, description, wanted, member: isMember ? wanted : null });
  return isMember;
}

function isSelected({ consult, packet, address }: Asked, selector: Selector): boolean {
  const setId = selectorSetId(selector);
  const set = consult.sets.get(setId);
  const member = set === undefined ? null : findMember(membersOf(set, packet.family), address);
  const description = set?.description ?? selector.text;
  consult.record({ setId, description, wanted: address, member });
  return member !== null;
}

function ofFamily(nets: readonly string[], family: 4 | 6): readonly string[] {
  return nets.filter((text) => parseNet(text)?.family === family);
}

function containing(nets: readonly string[], text: string): string | null {
  const address = parseAddress(text);
  if (address === null) return null;
  for (const one of nets) {
    const net = parseNet(one);
    if (net !== null && cidrContains(net, address)) return one;
  }
  return null;
}

function portsText({ numeric, named }: PortList): string {
  return list([...numeric.map(formatPortRange), ...named]);
}

/** Long lists are for machines: people get the first few and a count. */
function list(items: readonly string[]): string {
  const shown = items.slice(0, 6).join(', ');
  return items.length > 6 ? `${shown} and ${items.length - 6} more` : shown;
}
