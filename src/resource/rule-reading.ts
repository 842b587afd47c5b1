import type { Findings } from './findings.ts';
import type { Action } from './rule.ts';

/** One rule while it is read: where it stands, and what became of it so far. */
export interface RuleReading {
  readonly action: Action;
  /** Such as `spec.ingress[2]`. */
  readonly field: string;
  /** Of the policy; empty when it has none. */
  readonly namespace: string;
  readonly findings: Findings;
  /** What happens to the whole object when it cannot be read, such as `the policy is ignored`. */
  readonly refusal: string;
  /** Parts that cannot be honoured: why a rule that is no Deny never matches. */
  readonly lost: string[];
  /** What no rule survives, Denies included. */
  readonly fatal: string[];
  /** Calico's agent ignores the whole object because of this rule. */
  refused: boolean;
}

/** Calico's agent ignores the whole object because of this field of the rule. */
export function refuseRule(reading: RuleReading, code: string, field: string, what: string): void {
  reading.refused = true;
  const message = `${what} Until then ${reading.refusal}.`;
  reading.findings.error(code, `${reading.field}.${field}`, message);
}

/** This part cannot be honoured: a Deny matches without it, every other rule never matches. */
export function losePart(reading: RuleReading, code: string, field: string, what: string): void {
  reading.lost.push(`${field}: ${what}`);
  const outcome =
    reading.action === 'Deny'
      ? 'Until then the Deny rule matches without this part.'
      : `Until then the ${reading.action} rule never matches.`;
  reading.findings.error(code, `${reading.field}.${field}`, `${what} ${outcome}`);
}

/** No packet can match because of this part, whatever the action. */
export function neverMatch(reading: RuleReading, code: string, field: string, what: string): void {
  reading.fatal.push(`${field}: ${what}`);
  reading.findings.error(code, `${reading.field}.${field}`, what);
}

/** Why the rule never matches; null when it may. */
export function whyNever(reading: RuleReading): string | null {
  const reasons = reading.action === 'Deny' ? reading.fatal : [...reading.fatal, ...reading.lost];
  return reasons.length === 0 ? null : reasons.join(' ');
}
