import { icmpProtocol } from '../net/packet.ts';
import { protocolName } from '../net/protocol.ts';
import type { IcmpMatch, MemberSet, Rule } from '../policy/local-policy.ts';
import { matchEntity } from './match-entity.ts';
import type { SeenPacket } from './seen-packet.ts';
import type { SetLookup } from './step.ts';

/** Whether all conditions of a rule hold for a packet, and which did not. */
export interface RuleMatch {
  /** The first condition that does not hold, in words; null when all hold. */
  readonly because: string | null;
  /** Every set that was consulted on the way. */
  readonly lookups: readonly SetLookup[];
}

/**
 * Compares a rule with a packet as Calico defines it: all conditions hold together; a rule whose nets are
 * all of the other family does not exist for this one.
 */
export function matchRule(
  rule: Rule,
  packet: SeenPacket,
  sets: ReadonlyMap<string, MemberSet>,
): RuleMatch {
  const header = matchHeader(rule, packet);
  if (header !== null) return { because: header, lookups: [] };
  const lookups: SetLookup[] = [];
  const consult = { sets, protocol: rule.protocol, record: (one: SetLookup) => lookups.push(one) };
  const because =
    matchEntity(rule.source, 'source', packet, consult) ??
    matchEntity(rule.destination, 'destination', packet, consult);
  return { because, lookups };
}

function matchHeader(rule: Rule, packet: SeenPacket): string | null {
  const { family } = packet;
  if (rule.neverMatches !== null) return rule.neverMatches;
  if (rule.ipVersion !== null && rule.ipVersion !== family) {
    return `the rule is for IPv${rule.ipVersion} only`;
  }
  return matchProtocol(rule, packet) ?? matchIcmp(rule, packet);
}

function matchProtocol({ protocol, notProtocol }: Rule, packet: SeenPacket): string | null {
  const actual = protocolName(packet.protocol);
  if (protocol !== null && protocol !== packet.protocol) {
    return `protocol is ${actual}, not ${protocolName(protocol)}`;
  }
  return notProtocol === packet.protocol ? `protocol is ${actual}` : null;
}

function matchIcmp({ icmp, notICMP }: Rule, packet: SeenPacket): string | null {
  const isIcmp = packet.protocol === icmpProtocol(packet.family);
  if (icmp !== null && !(isIcmp && icmpHolds(icmp, packet))) {
    return `${describeIcmp(packet)} is not ${icmpText(icmp)}`;
  }
  if (notICMP !== null && isIcmp && icmpHolds(notICMP, packet)) {
    return `${describeIcmp(packet)} is in notICMP`;
  }
  return null;
}

function icmpHolds({ type, code }: IcmpMatch, packet: SeenPacket): boolean {
  return packet.icmpType === type && (code === null || packet.icmpCode === code);
}

function icmpText({ type, code }: IcmpMatch): string {
  return code === null ? `ICMP type ${type}` : `ICMP type ${type} code ${code}`;
}

function describeIcmp({ protocol, icmpType, icmpCode }: SeenPacket): string {
  if (icmpType === null) return `protocol ${protocolName(protocol)}`;
  return icmpText({ type: icmpType, code: icmpCode });
}
