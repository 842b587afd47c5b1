import type { Hits, StatusAnswer } from '../control/wire.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import type { ControlInputs } from './control-inputs.ts';
import type { FlushedUntil } from './flushed.ts';
import { moment } from './moment.ts';
import { wouldDenyTotal } from './observing.ts';
import { rollbackView } from './rollback-view.ts';

/** How things stand; does not reject where the kernel does not answer. */
export async function status(inputs: ControlInputs): Promise<StatusAnswer> {
  const { keeper, flushed, nftables, rollback, clock } = inputs;
  const snapshot = keeper.snapshot();
  const { host, tiers } = snapshot.observing;
  const isObserving = host || tiers.length > 0;
  // The status has to be told also where the kernel does not answer.
  const counters = isObserving ? await nftables.counters().catch(() => null) : null;
  const wouldDeny = counters === null ? null : wouldDenyTotal(counters);
  const confirming = rollbackView(rollback.state, clock.now());
  return statusAnswer(snapshot, flushed.until, wouldDeny, confirming);
}

/** The status as the local API tells it: moments as text. */
export function statusAnswer(
  { observing, ...status }: DaemonStatus,
  flushedUntil: FlushedUntil,
  wouldDeny: Hits | null,
  rollback: StatusAnswer['rollback'],
): StatusAnswer {
  const { startedAt, datastore, lastApply, applyingSince, alarms } = status;
  return {
    ...status,
    enforcement: observing.host ? 'observe' : 'enforce',
    observedTiers: observing.tiers,
    wouldDeny,
    startedAt: moment(startedAt),
    flushedUntil: typeof flushedUntil === 'number' ? moment(flushedUntil) : flushedUntil,
    rollback,
    datastore: { ...datastore, since: moment(datastore.since) },
    lastApply: lastApply === null ? null : { ...lastApply, at: moment(lastApply.at) },
    applyingSince: applyingSince === null ? null : moment(applyingSince),
    alarms: alarms.map((alarm) => ({ ...alarm, since: moment(alarm.since) })),
  };
}
