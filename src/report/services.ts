import type { ExplainSettings } from '../explain/explain-settings.ts';
import { protocolHasPorts } from '../net/protocol.ts';
import type { PortRange } from '../net/port.ts';
import type { MemberSet, Rule } from '../policy/local-policy.ts';
import { namedPorts } from './asked-addresses.ts';

/** Packets to one kind of service that no rule can tell apart but by their addresses. */
export interface ServiceClass {
  /** IP protocol number; `other`: every one that is not a class of its own. */
  readonly protocol: number | 'other';
  /** Destination ports, both ends included; null: the protocol has none, or it is `other`. */
  readonly ports: PortRange | null;
  /** `other`: every type that is not a class of its own; null: not ICMP. */
  readonly icmpType: number | 'other' | null;
  /** Whether a rule or setting names it. */
  readonly isNamed: boolean;
  /** What may differ within it and matter to a rule, one packet each. */
  readonly packets: readonly Headers[];
}

/** The part of a packet that makes the service. */
export interface Headers {
  /** Null: either. */
  readonly family: 4 | 6 | null;
  readonly protocol: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
}

type Sets = ReadonlyMap<string, MemberSet>;
type Settings = Pick<ExplainSettings, 'failsafeInbound' | 'failsafeOutbound'>;

const USUAL = [6, 17];
const ICMP = { 1: { family: 4, usual: [8] }, 58: { family: 6, usual: [128] } } as const;
// Neighbour and listener discovery, which settings may keep alive.
export const DISCOVERY: readonly number[] = [130, 131, 132, 133, 134, 135, 136, 137, 143];
const TOP_PORT = 65_535;

/** All services, parted by what rules and failsafe ports say of them. */
export function serviceClasses(
  rules: readonly Rule[],
  sets: Sets,
  settings: Settings,
): readonly ServiceClass[] {
  const asked = { rules, sets, settings };
  const named = namedProtocols(asked);
  const plain = [...named].filter((one) => one !== 1 && one !== 58);
  return [
    ...plain.flatMap((protocol) =>
      protocolHasPorts(protocol) ? portClasses(asked, protocol) : [portless(protocol)],
    ),
    ...icmpClasses(rules, 1),
    ...icmpClasses(rules, 58),
    otherProtocols(asked, named),
  ];
}

interface Asked {
  readonly rules: readonly Rule[];
  readonly sets: Sets;
  readonly settings: Settings;
}

function namedProtocols({ rules, settings }: Asked): ReadonlySet<number> {
  const ofRules = rules.flatMap(({ protocol, notProtocol }) => [protocol, notProtocol]);
  const failsafes = [...settings.failsafeInbound, ...settings.failsafeOutbound];
  const all = [...USUAL, ...ofRules, ...failsafes.map((one) => one.protocol)];
  return new Set(all.filter((one) => one !== null));
}

function portClasses(asked: Asked, protocol: number): readonly ServiceClass[] {
  const named = askedPorts(asked, protocol, 'destination');
  return parted(named).map((ports) => ({
    protocol,
    ports,
    icmpType: null,
    isNamed: named.some(({ from, to }) => from <= ports.from && ports.to <= to),
    packets: portPackets(asked, protocol, ports.from),
  }));
}

function portPackets(asked: Asked, protocol: number, destinationPort: number): readonly Headers[] {
  return parted(askedPorts(asked, protocol, 'source')).map(({ from: sourcePort }) => ({
    ...{ family: null, protocol, sourcePort, destinationPort },
    ...{ icmpType: null, icmpCode: null },
  }));
}

function askedPorts(
  { rules, sets, settings }: Asked,
  protocol: number,
  side: 'source' | 'destination',
): readonly PortRange[] {
  const ofRules = rules
    .filter((rule) => rule.protocol === null || rule.protocol === protocol)
    .flatMap((rule) => {
      const { ports, notPorts } = rule[side];
      const named = namedPorts(rule, rule[side], sets).filter((one) => one.protocol === protocol);
      return [
        ...(ports?.numeric ?? []),
        ...(notPorts?.numeric ?? []),
        ...named.map(({ port }) => ({ from: port, to: port })),
      ];
    });
  // In the untracked stage they are asked of source ports too.
  const failsafes = [...settings.failsafeInbound, ...settings.failsafeOutbound]
    .filter((one) => one.protocol === protocol)
    .map(({ port }) => ({ from: port, to: port }));
  return [...ofRules, ...failsafes];
}

/** All ports in the largest ranges that lie in or outside of every one of `ranges`. */
function parted(ranges: readonly PortRange[]): readonly PortRange[] {
  const starts = new Set([0]);
  for (const { from, to } of ranges) starts.add(from).add(to + 1);
  const sorted = [...starts].filter((one) => one <= TOP_PORT).sort((a, b) => a - b);
  return sorted.map((from, i) => ({ from, to: (sorted[i + 1] ?? TOP_PORT + 1) - 1 }));
}

function portless(protocol: number): ServiceClass {
  const packets = [headersOf(null, protocol)];
  return { protocol, ports: null, icmpType: null, isNamed: true, packets };
}

function headersOf(
  family: 4 | 6 | null,
  protocol: number,
  icmpType: number | null = null,
  icmpCode: number | null = null,
): Headers {
  return { family, protocol, sourcePort: null, destinationPort: null, icmpType, icmpCode };
}

function icmpClasses(rules: readonly Rule[], protocol: 1 | 58): readonly ServiceClass[] {
  const { family, usual } = ICMP[protocol];
  const asked = rules.flatMap(({ icmp, notICMP }) => [icmp, notICMP]).filter((one) => one !== null);
  const discovery = protocol === 58 ? DISCOVERY : [];
  const own = [...new Set([...usual, ...asked.map(({ type }) => type), ...discovery])];
  const codes = new Set(asked.flatMap(({ code }) => (code === null ? [] : [code])));
  const tried = [...codes, unused(codes)];
  const classOf = (icmpType: number | 'other', type: number): ServiceClass => ({
    ...{ protocol, ports: null, icmpType, isNamed: icmpType !== 'other' },
    packets: tried.map((code) => headersOf(family, protocol, type, code)),
  });
  return [...own.map((type) => classOf(type, type)), classOf('other', unused(new Set(own)))];
}

function otherProtocols(asked: Asked, named: ReadonlySet<number>): ServiceClass {
  const special = new Set([...named, 1, 58, 6, 17, 132]);
  // SCTP has ports, which rules for every protocol may ask for.
  const sctp = named.has(132)
    ? []
    : parted(askedPorts(asked, 132, 'destination')).flatMap(({ from }) =>
        portPackets(asked, 132, from),
      );
  const strange = [headersOf(4, 58), headersOf(6, 1)];
  const packets = [headersOf(null, unused(special)), ...strange, ...sctp];
  return { protocol: 'other', ports: null, icmpType: null, isNamed: false, packets };
}

function unused(numbers: ReadonlySet<number>): number {
  let number = 0;
  while (numbers.has(number)) number += 1;
  return number;
}
