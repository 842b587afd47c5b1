import { isHeld } from './held-rules.ts';
import type { RollbackState } from './rollback-state.ts';
import type { Target } from './rollback-target.ts';
import type { Wanted } from './turn-report.ts';

/** What it depends on whether wanted rules are written. */
export interface Admission {
  readonly state: RollbackState;
  readonly target: Target | null;
  /** Names what the turn took in. */
  readonly objects: readonly string[];
  /** No turn of this process has ended well yet. */
  readonly isFirst: boolean;
}

/** What is written for `wanted`: that, or the target where these rules are held. */
export function admitted(wanted: Wanted, admission: Admission): Wanted {
  const { state, target } = admission;
  if (state.kind !== 'rolled-back' || target === null || state.held === null) return wanted;
  if (isTouched(state, admission) || !isHeld(state.held, wanted.ruleset)) return wanted;
  const { resolution, revision } = target.report ?? wanted;
  return { ...wanted, resolution, revision, ruleset: target.ruleset, isHeld: true };
}

/** Whether anybody had a hand in it: pods come and go by themselves, all day. */
export function isByPeople(objects: readonly string[]): boolean {
  return objects.some((name) => !name.startsWith('WorkloadEndpoint ') && name !== 'interfaces');
}

// After a restart everything that there is was delivered again, which is no change; and what an operator tried
// changes once more when it is no longer tried.
function isTouched(
  { objects: known, by }: Extract<RollbackState, { kind: 'rolled-back' }>,
  { objects, isFirst }: Admission,
): boolean {
  if (isFirst || by === 'operator') return false;
  return objects.some((name) => known.includes(name) || name.startsWith('GlobalNetworkSet '));
}
