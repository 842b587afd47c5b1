import { isApplied, isDatastoreLost, isLive } from './status-snapshot.ts';
import type { DaemonStatus } from './status-snapshot.ts';

/** What one part of the daemon says of itself. */
export interface HealthReport {
  readonly name: string;
  /** False: only a restart helps. */
  readonly isLive: boolean;
  readonly isReady: boolean;
  readonly detail: string;
}

/** All reports; the daemon is live or ready when every part is. */
export type HealthSnapshot = readonly HealthReport[];

/** The health of the daemon in this state. Ready exactly when `isReady` says so, live when `isLive` does. */
export function toHealthSnapshot(status: DaemonStatus, now: number): HealthSnapshot {
  const { datastore, lastApply, applyingSince } = status;
  const seconds = Math.round((now - datastore.since) / 1000);
  const { connected, type, revision } = datastore;
  return [
    {
      name: 'datastore',
      isLive: true,
      isReady: !isDatastoreLost(status, now),
      detail: connected ? `${type} revision ${revision}` : `${type} out of reach for ${seconds} s`,
    },
    {
      name: 'sync',
      isLive: true,
      isReady: status.inSync,
      detail: status.inSync ? 'in sync' : 'no complete view of the datastore is in force',
    },
    {
      name: 'dataplane',
      isLive: isLive(status, now),
      isReady: isApplied(status),
      detail:
        applyingSince !== null && !isLive(status, now)
          ? `one transaction has been waiting since ${new Date(applyingSince).toISOString()}`
          : describeApply(status.rulesInForce, lastApply),
    },
  ];
}

function describeApply(
  rulesInForce: DaemonStatus['rulesInForce'],
  lastApply: DaemonStatus['lastApply'],
): string {
  const rules = `rules in force: ${rulesInForce}`;
  if (lastApply === null) return rules;
  const at = new Date(lastApply.at).toISOString();
  return lastApply.error === null
    ? `${rules}, applied ${at}`
    : `${rules}, apply failed ${at}: ${lastApply.error.replaceAll(/\s+/g, ' ').trim()}`;
}

/** The snapshot as a table in plain text. */
export function formatHealth(snapshot: HealthSnapshot): string {
  const rows = [
    ['REPORTER', 'LIVE', 'READY', 'DETAIL'],
    ...snapshot.map((report) => [
      report.name,
      report.isLive ? 'yes' : 'no',
      report.isReady ? 'yes' : 'no',
      report.detail,
    ]),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
