import type { HeldRules } from './held-rules.ts';

/** Why rules were taken back. */
export type RollbackReason = 'datastore-lost' | 'ssh-lost' | 'not-confirmed';

/** A change of the rules, as its turn took it in. */
export interface RulesChange {
  /** The objects that the turn took in, by name; `+n more` at the end of many. */
  readonly objects: readonly string[];
  /** Of the datastore. */
  readonly revision: number;
}

/** Where confirming stands. Moments are milliseconds since the epoch. */
export type RollbackState =
  /** Nothing to confirm. `isAccepting`: the next change is not watched, an operator has said so. */
  | { readonly kind: 'normal'; readonly isAccepting: boolean }
  /** Rules changed a short while ago; what was in force before is kept. `operator`: until that one confirms. */
  | ({
      readonly kind: 'watching';
      readonly by: 'daemon' | 'operator';
      readonly until: number;
    } & RulesChange)
  /**
   * What was in force before is in force again; the offending rules are held. Null: no such rules are known.
   * `operator`: that one tried them, they are not in the directory of manifests.
   */
  | ({
      readonly kind: 'rolled-back';
      readonly by: 'daemon' | 'operator';
      readonly reason: RollbackReason;
      readonly at: number;
      readonly held: HeldRules | null;
    } & RulesChange)
  /** The same was called for, but what was in force before is gone: the offending rules stay. */
  | ({
      readonly kind: 'stuck';
      readonly reason: RollbackReason;
      readonly at: number;
    } & RulesChange);

// More than this nobody reads, and they have to fit a small file.
const MOST_OBJECTS = 50;

/** The state of a host that never saw a rollback. */
export const NORMAL: RollbackState = { kind: 'normal', isAccepting: false };

/** Rules of another content were written; `until`: when watching them ends, null when they are not watched. */
export function changed(
  state: RollbackState,
  change: RulesChange,
  until: number | null,
): RollbackState {
  if (state.kind === 'watching') {
    const objects = [...new Set([...state.objects, ...change.objects])].slice(0, MOST_OBJECTS);
    const end = state.by === 'daemon' && until !== null ? until : state.until;
    return { ...state, until: end, objects, revision: change.revision };
  }
  const isAccepted = state.kind === 'normal' && state.isAccepting;
  return until === null || isAccepted
    ? NORMAL
    : { kind: 'watching', by: 'daemon', until, objects: change.objects, revision: change.revision };
}

/** Rules are held: they must not be written again. */
export type Holding = Extract<RollbackState, { kind: 'rolled-back' }> & {
  readonly held: HeldRules;
};

/** Whether there are rules that must not be written again. */
export function isHolding(state: RollbackState): state is Holding {
  return state.kind === 'rolled-back' && state.held !== null;
}

/** An operator begins a change that has to be confirmed. Null while rules are held: a trial would forget them. */
export function opened(
  state: RollbackState,
  change: RulesChange,
  until: number,
): RollbackState | null {
  return isHolding(state) ? null : { kind: 'watching', by: 'operator', until, ...change };
}

/** A change that an operator began came to nothing; `before`: where it stood then. What was judged stays so. */
export function withdrawn(state: RollbackState, before: RollbackState): RollbackState {
  return state.kind === 'watching' && state.by === 'operator' ? before : state;
}

/** What is watched is bad; `held` tells its rules from others, null when there is nothing to go back to. */
export function judgedBad(
  state: RollbackState,
  reason: RollbackReason,
  { at, held }: { readonly at: number; readonly held: HeldRules | null },
): RollbackState {
  if (state.kind !== 'watching') return state;
  const { by, objects, revision } = state;
  // What an operator tried is not in the directory: it is gone by itself.
  return held === null && by === 'daemon'
    ? { kind: 'stuck', reason, at, objects, revision }
    : { kind: 'rolled-back', by, reason, at, held, objects, revision };
}

/** The time is over and nothing was found against it. */
export function judgedGood(state: RollbackState): RollbackState {
  return state.kind === 'watching' ? NORMAL : state;
}

/** An operator says that the rules are as they should be, those that are held included. */
export function confirmed(state: RollbackState): RollbackState {
  return { kind: 'normal', isAccepting: isHolding(state) };
}

/**
 * What a fresh process makes of what its predecessor was doing. A change that an operator had not confirmed counts
 * as not confirmed; one that the daemon watched is watched anew, until `until`.
 */
export function resumed(state: RollbackState, now: number, until: number): RollbackState {
  if (state.kind !== 'watching') return state;
  const { by, objects, revision } = state;
  return by === 'daemon'
    ? { ...state, until }
    : { kind: 'rolled-back', by, reason: 'not-confirmed', at: now, held: null, objects, revision };
}
