import type { Clock } from '../base/clock.ts';
import { ControlError } from '../control/handler.ts';
import type { ApplyAnswer, ConfirmAnswer, RollbackAnswer } from '../control/wire.ts';
import { landed, notApplied, TURN_LIMIT_MS } from './control-turn.ts';
import type { Loop } from './loop.ts';
import { moment } from './moment.ts';
import { readApply } from './read-apply.ts';
import type { Rollback } from './rollback.ts';
import { trialRefusal } from './rollback-alarms.ts';
import { isHolding } from './rollback-state.ts';
import { rollbackView } from './rollback-view.ts';
import type { TurnWaiter } from './turn-waiter.ts';

/** What these questions need. */
export interface RollbackControlInputs {
  readonly clock: Clock;
  readonly rollback: Pick<Rollback, 'state' | 'saved' | 'confirm'> & {
    readonly trial: Pick<Rollback['trial'], 'open' | 'withdraw' | 'files' | 'isPossible'>;
  };
  readonly loop: Pick<Loop, 'reconsider' | 'view'>;
  readonly turns: Pick<TurnWaiter, 'next'>;
}

/** Where confirming stands, with the manifests that are to be confirmed. */
export function rollbackAnswer({ rollback, clock }: RollbackControlInputs): RollbackAnswer {
  const files = Object.fromEntries(rollback.trial.files);
  return { ...rollbackView(rollback.state, clock.now()), files };
}

/** Applies manifests in place of files of the directory. */
export async function applyWithRollback(
  inputs: RollbackControlInputs,
  body: unknown,
): Promise<ApplyAnswer> {
  refuseTrial(inputs);
  const { rollback, loop, turns, clock } = inputs;
  const { seconds, files } = readApply(body);
  try {
    const until = await inTime(
      clock,
      rollback.trial.open(seconds * 1000, new Map(Object.entries(files))),
    );
    const turn = turns.next(TURN_LIMIT_MS);
    void loop.reconsider();
    await landed(turn);
    await rollback.saved();
    return { until: moment(until), objects: rollbackView(rollback.state, clock.now()).objects };
  } catch (error) {
    await rollback.trial.withdraw();
    throw error;
  }
}

function refuseTrial({ rollback, loop }: RollbackControlInputs): void {
  if (!rollback.trial.isPossible)
    throw refused(
      'not-file-datastore',
      'the datastore of this host is etcd, whose objects are every host\u2019s: apply them with calicoctl. With rollback.onDatastoreLoss and rollback.onSshLoss each host takes back by itself what cuts it off',
    );
  if (!loop.view.isInSync)
    throw refused(
      'not-in-sync',
      'the manifests of this host are not read in full: see "rampartctl status"',
    );
  if (rollback.state.kind === 'watching')
    throw refused(
      'window-open',
      `another change is watched until ${moment(rollback.state.until)}: run "rampartctl confirm", or wait`,
    );
  const refusal = trialRefusal(rollback.state);
  if (refusal !== null) throw refused('rules-held', refusal);
}

const UNREAD = 'the directory of manifests is not read in full: "rampartctl status" says why';

// A directory with a file that cannot be read delivers nothing.
function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(TURN_LIMIT_MS, () => {
      reject(notApplied(UNREAD));
    });
    work.then(resolve, reject).finally(stop);
  });
}

/** Ends what is watched, or applies what is held. */
export async function confirm({
  rollback,
  loop,
  turns,
}: RollbackControlInputs): Promise<ConfirmAnswer> {
  const { state } = rollback;
  if (state.kind === 'normal')
    throw refused(
      'nothing-to-confirm',
      'no change of the rules waits for anybody, and none is held',
    );
  const isHeld = isHolding(state);
  await rollback.confirm();
  const turn = isHeld && loop.view.isInSync ? turns.next(TURN_LIMIT_MS) : null;
  void loop.reconsider();
  const written = turn === null ? null : (await landed(turn)).written;
  return { confirmed: state.kind, objects: state.objects, applied: written };
}

function refused(code: string, message: string): ControlError {
  return new ControlError(409, code, message);
}
