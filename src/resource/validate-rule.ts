import { parseNet } from '../net/cidr.ts';
import { isExactProtocolName, protocolHasPorts, protocolNumber } from '../net/protocol.ts';
import { quoteText } from './describe-value.ts';
import type { Refuse } from './findings.ts';
import { portsAdvice, protocolAdvice } from './read-rule.ts';
import type { StoredIcmp, StoredRule } from './rule-schema.ts';
import { validateAnnotations } from './validate-metadata.ts';
import { validateEntity } from './validate-entity.ts';
import type { RuleHolder } from './validate-entity.ts';
import { validateHttp } from './validate-http.ts';

type Direction = 'ingress' | 'egress';

/** Calico's write-time rules for `spec.ingress` or `spec.egress`. */
export function validateRules(
  direction: Direction,
  rules: readonly StoredRule[],
  holder: RuleHolder,
  refuse: Refuse,
): void {
  for (const [index, rule] of rules.entries()) {
    validateRule(rule, direction, holder, (code, field, message) => {
      refuse(code, `spec.${direction}[${index}].${field}`, message);
    });
  }
}

function validateRule(
  rule: StoredRule,
  direction: Direction,
  holder: RuleHolder,
  refuse: Refuse,
): void {
  validateAction(rule.action ?? '', refuse);
  validateProtocol('protocol', rule.protocol, refuse);
  validateProtocol('notProtocol', rule.notProtocol, refuse);
  validateFamily(rule, refuse);
  validateIcmp('icmp', rule.icmp, refuse);
  validateIcmp('notICMP', rule.notICMP, refuse);
  validateIcmpProtocol(rule, refuse);
  validatePortsProtocol(rule, refuse);
  validateEntity('source', rule.source ?? {}, holder, refuse);
  validateEntity('destination', rule.destination ?? {}, holder, refuse);
  validateServicesSide(rule, direction, refuse);
  if (rule.http !== undefined) validateHttp(rule, rule.http, direction, refuse);
  validateAnnotations('metadata.annotations', rule.metadata?.annotations ?? {}, refuse);
}

const ACTIONS: readonly string[] = ['Allow', 'Deny', 'Log', 'Pass'];

function validateAction(action: string, refuse: Refuse): void {
  if (ACTIONS.includes(action)) return;
  const meant = ACTIONS.find((known) => known.toLowerCase() === action.toLowerCase());
  const advice = meant === undefined ? 'write Allow, Deny, Log or Pass' : `write ${meant}`;
  const what = action === '' ? 'There is no action' : `${quoteText(action)} is not an action`;
  refuse('action-invalid', 'action', `${what}; ${advice}.`);
}

function validateProtocol(
  field: string,
  stored: number | string | undefined,
  refuse: Refuse,
): void {
  if (stored === undefined) return;
  const fits = typeof stored === 'number' ? stored > 0 : isExactProtocolName(stored);
  if (!fits) refuse('protocol-invalid', field, protocolAdvice(stored));
}

function numberOf(stored: number | string | undefined): number | null {
  return typeof stored === 'string' ? protocolNumber(stored) : (stored ?? null);
}

function validateFamily(rule: StoredRule, refuse: Refuse): void {
  const { ipVersion } = rule;
  if (ipVersion !== undefined && ipVersion !== 4 && ipVersion !== 6) {
    refuse('ip-version-invalid', 'ipVersion', `There is no IP version ${ipVersion}; write 4 or 6.`);
    return;
  }
  for (const field of ['protocol', 'notProtocol'] as const) {
    const number = numberOf(rule[field]);
    if (number === 1 && ipVersion === 6) {
      refuse(
        'ip-version-invalid',
        'ipVersion',
        `${field} ICMP needs ipVersion 4; for 6 write ICMPv6.`,
      );
    }
    if (number === 58 && ipVersion === 4) {
      refuse(
        'ip-version-invalid',
        'ipVersion',
        `${field} ICMPv6 needs ipVersion 6; for 4 write ICMP.`,
      );
    }
  }
  validateNetFamilies(rule, refuse);
}

function validateNetFamilies(rule: StoredRule, refuse: Refuse): void {
  let seen = rule.ipVersion;
  for (const side of ['source', 'destination'] as const) {
    for (const list of ['nets', 'notNets'] as const) {
      for (const [index, text] of (rule[side]?.[list] ?? []).entries()) {
        const family = parseNet(text)?.family ?? seen;
        seen ??= family;
        if (family === seen) continue;
        const message =
          rule.ipVersion === undefined
            ? 'A rule has nets of one family only; make it two rules, one for IPv4 and one for IPv6.'
            : `${quoteText(text)} does not belong to ipVersion ${rule.ipVersion}.`;
        refuse('families-mixed', `${side}.${list}[${index}]`, message);
        return;
      }
    }
  }
}

function validateIcmp(field: string, icmp: StoredIcmp | undefined, refuse: Refuse): void {
  const { type, code } = icmp ?? {};
  if (type !== undefined && (type < 0 || type > 254)) {
    refuse('icmp-invalid', `${field}.type`, 'ICMP types go from 0 to 254.');
  }
  if (code !== undefined && (code < 0 || code > 255)) {
    refuse('icmp-invalid', `${field}.code`, 'ICMP codes go from 0 to 255.');
  }
  if (code !== undefined && type === undefined) {
    const message = 'An ICMP code means nothing without a type; add the type.';
    refuse('icmp-code-without-type', `${field}.code`, message);
  }
}

function validateIcmpProtocol(rule: StoredRule, refuse: Refuse): void {
  if (rule.icmp === undefined) return;
  const number = numberOf(rule.protocol);
  if (number === 1 || number === 58) return;
  refuse('icmp-without-protocol', 'icmp', 'icmp needs protocol: ICMP or ICMPv6.');
}

function validatePortsProtocol(rule: StoredRule, refuse: Refuse): void {
  const ports = [rule.source, rule.destination].flatMap((side) => [
    ...(side?.ports ?? []),
    ...(side?.notPorts ?? []),
  ]);
  if (ports.length === 0) return;
  const noProtocol = rule.protocol === undefined;
  if (noProtocol && ports.every(isNamed)) return;
  const number = numberOf(rule.protocol);
  if (number !== null && protocolHasPorts(number)) return;
  if (noProtocol || number !== null) {
    refuse('ports-without-protocol', 'protocol', portsAdvice(noProtocol));
  }
}

function isNamed(port: number | string): boolean {
  return typeof port === 'string' && !port.includes(':');
}

function validateServicesSide(rule: StoredRule, direction: Direction, refuse: Refuse): void {
  const side = direction === 'ingress' ? 'destination' : 'source';
  if (rule[side]?.services !== undefined) {
    const message = `An ${direction} rule cannot have services in its ${side}; take them out.`;
    refuse('services-invalid', `${side}.services`, message);
  }
  const { services, ports = [], notPorts = [] } = rule.destination ?? {};
  if (services !== undefined && ports.length + notPorts.length > 0) {
    const message = 'services bring their own ports; take ports and notPorts out.';
    refuse('services-invalid', 'destination.services', message);
  }
}
