import assert from 'node:assert/strict';
import {
  APPLY_LIMIT_MS,
  DATASTORE_GRACE_MS,
  isLive,
  isReady,
} from '../../src/status/status-snapshot.ts';
import type { DaemonStatus } from '../../src/status/status-snapshot.ts';
import { away, failed, NOW, SAMPLE } from './sample-status.ts';

describe('isReady', () => {
  const cases: readonly (readonly [string, DaemonStatus, boolean])[] = [
    ['in sync and applied', SAMPLE, true],
    ['not in sync', { ...SAMPLE, inSync: false }, false],
    ['nothing applied yet', { ...SAMPLE, lastApply: null }, false],
    ['last apply failed', failed('no'), false],
    ['last good rules', { ...SAMPLE, rulesInForce: 'last-good' }, false],
    ['boot rules', { ...SAMPLE, rulesInForce: 'boot' }, false],
    ['flushed by an operator', { ...SAMPLE, rulesInForce: 'flushed' }, false],
    ['datastore away for a moment', away(1000), true],
    ['datastore away for just under ten minutes', away(DATASTORE_GRACE_MS - 1), true],
    ['datastore away for ten minutes', away(600_000), false],
    ['file datastore', { ...SAMPLE, datastore: { ...SAMPLE.datastore, type: 'file' } }, true],
  ];
  for (const [name, status, expected] of cases) {
    it(`says ${expected ? 'yes' : 'no'}: ${name}`, () => {
      assert.equal(isReady(status, NOW), expected);
    });
  }
});

describe('isLive', () => {
  it('says yes while no transaction waits for the kernel', () => {
    assert.equal(isLive(SAMPLE, NOW), true);
    assert.equal(isLive(failed('no'), NOW), true);
  });

  it('says no when one has been waiting for too long', () => {
    const applying = { ...SAMPLE, applyingSince: NOW };
    assert.equal(isLive(applying, NOW + APPLY_LIMIT_MS - 1), true);
    assert.equal(isLive(applying, NOW + APPLY_LIMIT_MS), false);
  });
});
