import { protocolHasPorts, protocolName, protocolNumber } from '../net/protocol.ts';
import { quoteText } from './describe-value.ts';
import type { Findings } from './findings.ts';
import { DENY_ALL, MAX_RULES } from './limits.ts';
import { readEntity } from './read-entity.ts';
import { losePart, refuseRule, whyNever } from './rule-reading.ts';
import type { RuleReading } from './rule-reading.ts';
import type { StoredHttp, StoredIcmp, StoredRule } from './rule-schema.ts';
import type { Action, EntityRule, IcmpMatch, Rule } from './rule.ts';

/** The policy or profile that rules are read for. */
export interface RuleOwner {
  /** Of the policy; empty when it has none. */
  readonly namespace: string;
  readonly findings: Findings;
  /** What happens to it when a rule cannot be read, such as `the policy is ignored`. */
  readonly refusal: string;
}

/**
 * `spec.ingress` or `spec.egress` as Calico's agent reads it: null when it refuses the whole object
 * because of one of the rules.
 */
export function readRules(
  direction: 'ingress' | 'egress',
  stored: readonly StoredRule[] | undefined,
  owner: RuleOwner,
): readonly Rule[] | null {
  const rules: Rule[] = [];
  let refused = false;
  for (const [index, item] of (stored ?? []).slice(0, MAX_RULES).entries()) {
    const rule = readRule(item, `spec.${direction}[${index}]`, owner);
    if (rule === null) refused = true;
    else rules.push(rule);
  }
  if (stored !== undefined && stored.length > MAX_RULES) {
    const message = `There are ${stored.length} rules; the first ${MAX_RULES} are honoured, what would reach the others is denied. Use selectors or network sets, or several policies.`;
    owner.findings.error('too-many-rules', `spec.${direction}`, message);
    rules.push(DENY_ALL);
  }
  return refused ? null : rules;
}

function readRule(stored: StoredRule, field: string, owner: RuleOwner): Rule | null {
  const action = readAction(stored.action ?? '', field, owner.findings);
  const reading: RuleReading = { ...owner, action, field, lost: [], fatal: [], refused: false };
  const ipVersion = readIpVersion(stored.ipVersion, reading);
  const protocol = readProtocol('protocol', stored.protocol, reading);
  const notProtocol = readProtocol('notProtocol', stored.notProtocol, reading);
  const icmp = readIcmp('icmp', stored.icmp, reading);
  const notICMP = readIcmp('notICMP', stored.notICMP, reading);
  const source = readEntity('source', stored.source ?? {}, reading);
  const destination = readEntity('destination', stored.destination ?? {}, reading);
  checkPortsHaveProtocol([source, destination], stored.protocol === undefined, protocol, reading);
  checkHttp(stored.http, reading);
  if (reading.refused) return null;
  return {
    action,
    neverMatches: whyNever(reading),
    ipVersion: ipVersion ?? familyOfIcmp(protocol),
    protocol,
    notProtocol,
    icmp,
    notICMP,
    source,
    destination,
  };
}

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['allow', 'Allow'],
  ['deny', 'Deny'],
  ['pass', 'Pass'],
  ['log', 'Log'],
]);

// Felix allows what has no action and does not survive an unknown one.
function readAction(text: string, field: string, findings: Findings): Action {
  const action = ACTIONS.get(text.toLowerCase());
  if (action !== undefined) return action;
  const what = text === '' ? 'There is no action' : `${quoteText(text)} is not an action`;
  const message = `${what}; write Allow, Deny, Pass or Log. Until then the rule denies.`;
  findings.error('action-invalid', `${field}.action`, message);
  return 'Deny';
}

function readIpVersion(stored: number | undefined, reading: RuleReading): 4 | 6 | null {
  if (stored === undefined || stored === 4 || stored === 6) return stored ?? null;
  refuseRule(
    reading,
    'ip-version-invalid',
    'ipVersion',
    `There is no IP version ${stored}; write 4 or 6.`,
  );
  return null;
}

function readProtocol(
  field: string,
  stored: number | string | undefined,
  reading: RuleReading,
): number | null {
  if (stored === undefined) return null;
  const number = typeof stored === 'number' ? stored : protocolNumber(stored);
  if (number !== null && number > 0) return number;
  refuseRule(reading, 'protocol-invalid', field, protocolAdvice(stored));
  return null;
}

/** What to write instead of this protocol. */
export function protocolAdvice(stored: number | string): string {
  const text = typeof stored === 'number' ? String(stored) : quoteText(stored);
  const meant = typeof stored === 'number' ? null : protocolNumber(stored);
  if (meant !== null) return `${text} is written ${protocolName(meant)}.`;
  return `${text} is not a protocol; write TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite or a number from 1 to 255.`;
}

function readIcmp(
  field: string,
  stored: StoredIcmp | undefined,
  reading: RuleReading,
): IcmpMatch | null {
  const { type, code } = stored ?? {};
  if (type !== undefined && (type < 0 || type > 254)) {
    refuseRule(reading, 'icmp-invalid', `${field}.type`, 'ICMP types go from 0 to 254.');
    return null;
  }
  if (code !== undefined && (code < 0 || code > 255)) {
    refuseRule(reading, 'icmp-invalid', `${field}.code`, 'ICMP codes go from 0 to 255.');
    return null;
  }
  if (type !== undefined) return { type, code: code ?? null };
  if (code !== undefined) {
    const message = 'An ICMP code means nothing without a type; add the type.';
    losePart(reading, 'icmp-code-without-type', `${field}.code`, message);
  }
  return null;
}

function checkPortsHaveProtocol(
  sides: readonly EntityRule[],
  noProtocol: boolean,
  protocol: number | null,
  reading: RuleReading,
): void {
  const lists = sides
    .flatMap((side) => [side.ports, side.notPorts])
    .filter((list) => list !== null);
  if (lists.length === 0 || (protocol !== null && protocolHasPorts(protocol))) return;
  if (noProtocol && lists.every((list) => list.numeric.length === 0)) return;
  if (protocol === null && !noProtocol) return;
  refuseRule(reading, 'ports-without-protocol', 'protocol', portsAdvice(noProtocol));
}

/** What to do about ports in a rule whose protocol has none. */
export function portsAdvice(noProtocol: boolean): string {
  return noProtocol
    ? 'Port numbers need a protocol; add protocol: TCP, UDP or SCTP.'
    : 'This protocol has no ports; write TCP, UDP or SCTP, or take the ports out.';
}

function checkHttp(http: StoredHttp | undefined, reading: RuleReading): void {
  if ((http?.methods ?? []).length === 0 && (http?.paths ?? []).length === 0) return;
  const message = 'A packet filter cannot see HTTP methods and paths; take http out of the rule.';
  losePart(reading, 'http-unsupported', 'http', message);
}

function familyOfIcmp(protocol: number | null): 4 | 6 | null {
  if (protocol === 1) return 4;
  return protocol === 58 ? 6 : null;
}
