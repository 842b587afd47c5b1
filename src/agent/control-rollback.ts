import { toError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { ControlError } from '../control/handler.ts';
import type {
  ApplyAnswer,
  ApplyRequest,
  ConfirmAnswer,
  RollbackAnswer,
  RollbackView,
} from '../control/wire.ts';
import type { Loop, TurnReport } from './loop.ts';
import type { Rollback } from './rollback.ts';
import { trialRefusal } from './rollback-alarms.ts';
import { isHolding } from './rollback-state.ts';
import type { RollbackState } from './rollback-state.ts';
import type { TurnWaiter } from './turn-waiter.ts';

/** What these questions need. */
export interface RollbackControlInputs {
  readonly clock: Clock;
  readonly rollback: Pick<
    Rollback,
    'state' | 'open' | 'saved' | 'confirm' | 'withdraw' | 'staged' | 'canStage'
  >;
  readonly loop: Pick<Loop, 'reconsider' | 'view'>;
  readonly turns: Pick<TurnWaiter, 'next'>;
}

const TURN_LIMIT_MS = 30_000;
// As the schema of rollback.within.
const SHORTEST_S = 5;
const LONGEST_S = 3600;

/** Where confirming stands, as the local API tells it. */
export function rollbackView(state: RollbackState, now: number): RollbackView {
  const isWatching = state.kind === 'watching';
  const isBad = state.kind === 'rolled-back' || state.kind === 'stuck';
  return {
    state: state.kind,
    by: isWatching ? state.by : null,
    until: isWatching ? moment(state.until) : null,
    secondsLeft: isWatching ? Math.max(0, Math.ceil((state.until - now) / 1000)) : null,
    reason: isBad ? state.reason : null,
    since: isBad ? moment(state.at) : null,
    objects: state.kind === 'normal' ? [] : state.objects,
    revision: state.kind === 'normal' ? null : state.revision,
  };
}

/** The same, with the manifests that are to be confirmed. */
export function rollbackAnswer({ rollback, clock }: RollbackControlInputs): RollbackAnswer {
  const files = Object.fromEntries(rollback.staged);
  return { ...rollbackView(rollback.state, clock.now()), files };
}

/** Applies manifests in place of files of the directory. */
export async function applyWithRollback(
  { rollback, loop, turns, clock }: RollbackControlInputs,
  body: unknown,
): Promise<ApplyAnswer> {
  if (!rollback.canStage)
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
  const { seconds, files } = readApply(body);
  try {
    const until = await inTime(
      clock,
      rollback.open(seconds * 1000, new Map(Object.entries(files))),
    );
    const turn = turns.next(TURN_LIMIT_MS);
    void loop.reconsider();
    await landed(turn);
    await rollback.saved();
    return { until: moment(until), objects: rollbackView(rollback.state, clock.now()).objects };
  } catch (error) {
    await rollback.withdraw();
    throw error;
  }
}

// A directory with a file that cannot be read delivers nothing.
function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(TURN_LIMIT_MS, () => {
      const why = 'the directory of manifests is not read in full: "rampartctl status" says why';
      reject(new ControlError(502, 'not-applied', `the rules in force stay: ${why}`));
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

async function landed(turn: Promise<TurnReport>): Promise<TurnReport> {
  try {
    return await turn;
  } catch (thrown) {
    const why = toError(thrown).message;
    throw new ControlError(502, 'not-applied', `the rules in force stay: ${why}`);
  }
}

function refused(code: string, message: string): ControlError {
  return new ControlError(409, code, message);
}

function readApply(body: unknown): ApplyRequest {
  const { seconds, files } = typeof body === 'object' && body !== null ? (body as Body) : {};
  const isTime = typeof seconds === 'number' && Number.isInteger(seconds) && isWithin(seconds);
  if (!isTime) throw bad(`seconds: write a whole number from ${SHORTEST_S} to ${LONGEST_S}.`);
  const entries = typeof files === 'object' && files !== null ? Object.entries(files) : [];
  const isGood = entries.every(([name, text]) => NAME.test(name) && typeof text === 'string');
  if (entries.length === 0 || !isGood)
    throw bad(
      'files: write the texts of manifests by file name, such as {"10-ssh.yaml": "\u2026"}.',
    );
  return { seconds, files: files as ApplyRequest['files'] };
}

interface Body {
  readonly seconds?: unknown;
  readonly files?: unknown;
}

// What the directory of manifests takes a file for.
const NAME = /^[^.~/][^/]*\.(?:yaml|yml|json)$/;

function isWithin(seconds: number): boolean {
  return seconds >= SHORTEST_S && seconds <= LONGEST_S;
}

function bad(message: string): ControlError {
  return new ControlError(400, 'bad-request', message);
}

function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
