import assert from 'node:assert/strict';
import { formatHealth, toHealthSnapshot } from '../../src/status/health.ts';
import { APPLY_LIMIT_MS, isLive, isReady } from '../../src/status/status-snapshot.ts';
import type { DaemonStatus } from '../../src/status/status-snapshot.ts';
import { away, failed, NOW, SAMPLE } from './sample-status.ts';

const STATES: readonly DaemonStatus[] = [
  SAMPLE,
  away(1000),
  away(600_000),
  failed('no'),
  { ...SAMPLE, inSync: false },
  { ...SAMPLE, rulesInForce: 'flushed' },
  { ...SAMPLE, lastApply: null },
  { ...SAMPLE, applyingSince: NOW - APPLY_LIMIT_MS },
];

describe('toHealthSnapshot', () => {
  it('is ready and live exactly when the status is', () => {
    for (const status of STATES) {
      const snapshot = toHealthSnapshot(status, NOW);
      assert.equal(
        snapshot.every((report) => report.isReady),
        isReady(status, NOW),
      );
      assert.equal(
        snapshot.every((report) => report.isLive),
        isLive(status, NOW),
      );
    }
  });

  it('blames the part that is at fault', () => {
    const notReady = (status: DaemonStatus): readonly string[] =>
      toHealthSnapshot(status, NOW)
        .filter((report) => !report.isReady)
        .map(({ name, detail }) => `${name}: ${detail}`);
    assert.deepEqual(notReady(away(600_000)), ['datastore: etcdv3 out of reach for 600 s']);
    assert.deepEqual(notReady(failed('Error:\n  no')), [
      'dataplane: rules in force: current, apply failed 2026-01-02T03:04:05.000Z: Error: no',
    ]);
  });
});

describe('formatHealth', () => {
  it('prints one aligned line for each reporter', () => {
    assert.equal(
      formatHealth(toHealthSnapshot(SAMPLE, NOW)),
      [
        'REPORTER   LIVE  READY  DETAIL',
        'datastore  yes   yes    etcdv3 revision 4711',
        'sync       yes   yes    in sync',
        'dataplane  yes   yes    rules in force: current, applied 2026-01-02T03:04:04.000Z',
        '',
      ].join('\n'),
    );
  });

  it('says no where a part is hung', () => {
    const table = formatHealth(
      toHealthSnapshot({ ...SAMPLE, applyingSince: NOW - APPLY_LIMIT_MS }, NOW),
    );
    assert.match(
      table,
      /^dataplane +no +yes +one transaction has been waiting since 2026-01-02T03:02:35\.000Z$/m,
    );
  });
});
