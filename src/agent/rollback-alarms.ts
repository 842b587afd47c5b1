import type { Fault } from './fault.ts';
import { nameSome } from './fault.ts';
import { moment } from './moment.ts';
import { isHolding } from './rollback-state.ts';
import type { RollbackReason, RollbackState } from './rollback-state.ts';

/** What operators have to know of a rollback. */
export function rollbackFaults(state: RollbackState): readonly Fault[] {
  if (state.kind !== 'rolled-back' && state.kind !== 'stuck') return [];
  const code = state.kind === 'stuck' ? 'rollback-impossible' : 'rolled-back';
  return [{ code, objects: state.objects, message: textOf(state) }];
}

/** Why no manifests can be tried: rules are held. With what to do; null where none are. */
export function trialRefusal(state: RollbackState): string | null {
  if (!isHolding(state)) return null;
  const what = whatOf(state.objects);
  return `the change of ${what} is held, and a trial would forget that: "rampartctl confirm" applies it where the directory of manifests has it, and ends this; or correct ${what} there. Then try again`;
}

const REASONS: Readonly<Record<RollbackReason, string>> = {
  'datastore-lost': 'cut this host off from its datastore',
  'ssh-lost': 'refused an established SSH session to this host',
  'not-confirmed': 'was not confirmed in time',
};

/** The state in words, with what to do. */
export function textOf(state: RollbackState): string {
  switch (state.kind) {
    case 'normal':
      return 'the rules in force are there to stay';
    case 'watching':
      return `the change of ${whatOf(state.objects)} is watched until ${moment(state.until)}`;
    case 'rolled-back': {
      const next =
        state.by === 'operator'
          ? 'End this alarm with "rampartctl confirm", then try the corrected manifests'
          : 'They stay until one of these objects or the rules change, or "rampartctl confirm" applies what is held';
      return `${culprit(state)}: the rules of before are in force again since ${moment(state.at)}. ${next}`;
    }
    case 'stuck':
      return `${culprit(state)}, but the rules that were in force before are gone: the rules in force stay. Correct the objects, or keep them with "rampartctl confirm"`;
  }
}

function culprit({
  objects,
  revision,
  reason,
}: Extract<RollbackState, { kind: 'rolled-back' | 'stuck' }>): string {
  return `the change of ${whatOf(objects)} (revision ${revision}) ${REASONS[reason]}`;
}

function whatOf(objects: readonly string[]): string {
  return objects.length === 0 ? 'the manifests' : nameSome(objects);
}
