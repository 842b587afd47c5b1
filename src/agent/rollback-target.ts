import type { Ruleset } from '../ruleset/ruleset.ts';
import { heldRules, isHeld, rulesHash } from './held-rules.ts';
import type { HeldRules } from './held-rules.ts';
import { fixedRuleset } from './last-good.ts';
import type { Programmed } from './last-good.ts';
import { policyInForce } from './policy-in-force.ts';
import type { RollbackState } from './rollback-state.ts';
import type { TurnReport } from './turn-report.ts';

/** Rules to go back to. */
export interface Target {
  readonly ruleset: Ruleset;
  /** The turn that made it; null for rules of an earlier process. */
  readonly report: Pick<TurnReport, 'resolution' | 'revision'> | null;
}

/** What the table holds, its sets as they are now, and the turn that led there; null while either is not known. */
export function presentTarget(
  programmed: Programmed | null,
  report: TurnReport | null,
): Target | null {
  if (programmed === null || report === null) return null;
  const policy = policyInForce(report.resolution.policy, programmed.sets);
  const { revision } = report;
  const resolution = { ...report.resolution, policy };
  return { ruleset: fixedRuleset(programmed), report: { resolution, revision } };
}

/** Whether `ruleset` has the rules of the target, whatever its sets hold. */
export function isBack(target: Target, ruleset: Ruleset): boolean {
  return rulesHash(target.ruleset) === rulesHash(ruleset);
}

/** What tells the rules in force from the target; null when either is not known, or they need not be told apart. */
export function offendingRules(
  state: RollbackState,
  programmed: Programmed | null,
  target: Target | null,
): HeldRules | null {
  if (target === null || programmed === null) return null;
  const held = heldRules(fixedRuleset(programmed), target.ruleset);
  // A trial that changed nothing, or never reached the kernel, leaves the good rules there.
  const isTrial = state.kind === 'watching' && state.by === 'operator';
  return isTrial && isHeld(held, target.ruleset) ? null : held;
}
