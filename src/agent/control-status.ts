import type { Hits, StatusAnswer } from '../control/wire.ts';
import type { FlushedUntil } from './flushed.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';

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

function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
