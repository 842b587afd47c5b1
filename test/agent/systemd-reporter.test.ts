import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  REPORT_INTERVAL_MS,
  START_GRACE_MS,
  SystemdReporter,
} from '../../src/agent/systemd-reporter.ts';
import type { ServiceNotifier } from '../../src/status/systemd-notify.ts';
import type { DaemonStatus } from '../../src/status/status-snapshot.ts';
import { createManualClock } from '../host/manual-clock.ts';
import { SAMPLE as STATUS } from '../status/sample-status.ts';

const STARTING: DaemonStatus = {
  ...STATUS,
  startedAt: 0,
  inSync: false,
  lastApply: null,
  rulesInForce: 'none',
  datastore: { ...STATUS.datastore, connected: false, since: 0 },
};

function rig(initial: DaemonStatus): {
  readonly reporter: SystemdReporter;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly sent: string[];
  readonly become: (status: DaemonStatus) => void;
} {
  let status = initial;
  const sent: string[] = [];
  const notifier: ServiceNotifier = {
    ready: () => sent.push('READY'),
    status: () => sent.push('STATUS'),
    reloading: () => sent.push('RELOADING'),
    stopping: () => sent.push('STOPPING'),
    startWatchdog: () => () => undefined,
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const clock = createManualClock();
  const reporter = new SystemdReporter(notifier, clock, () => status);
  return {
    reporter,
    clock,
    sent,
    become: (next) => {
      status = next;
    },
  };
}

describe('SystemdReporter', () => {
  it('says READY once the first complete view is in the kernel, and once only', () => {
    const { reporter, sent, clock, become } = rig(STARTING);
    reporter.start();
    assert.deepEqual(sent, ['STATUS']);
    become(STATUS);
    reporter.report();
    reporter.report();
    clock.advance(REPORT_INTERVAL_MS);
    assert.deepEqual(sent, ['STATUS', 'READY', 'STATUS']);
  });

  it('says once what changes again and again, and nothing after the end', async () => {
    const { reporter, sent, clock } = rig(STATUS);
    reporter.start();
    for (let i = 0; i < 5; i++) reporter.report();
    assert.deepEqual(sent, ['READY']);
    clock.advance(REPORT_INTERVAL_MS);
    assert.deepEqual(sent, ['READY', 'STATUS']);
    reporter.report();
    await reporter.stop();
    clock.advance(REPORT_INTERVAL_MS);
    assert.deepEqual(sent, ['READY', 'STATUS', 'STOPPING']);
  });

  for (const rulesInForce of ['last-good', 'boot'] as const) {
    it(`says READY after ten seconds without the datastore when ${rulesInForce} rules are in force`, () => {
      const { reporter, sent, clock } = rig({ ...STARTING, rulesInForce });
      reporter.start();
      clock.advance(START_GRACE_MS - 1);
      assert.deepEqual(sent, ['STATUS']);
      clock.advance(1);
      assert.deepEqual(sent, ['STATUS', 'READY']);
    });
  }

  it('says READY as soon as boot rules come to a host that nothing protected', () => {
    const { reporter, sent, clock, become } = rig(STARTING);
    reporter.start();
    clock.advance(60_000);
    become({ ...STARTING, rulesInForce: 'boot' });
    reporter.report();
    assert.equal(sent.at(-1), 'READY');
  });

  it('does not say READY while nothing at all protects the host', () => {
    const { reporter, sent, clock } = rig(STARTING);
    reporter.start();
    clock.advance(60_000);
    assert.ok(!sent.includes('READY'));
  });

  it('ends a reload with READY', () => {
    const { reporter, sent } = rig(STATUS);
    reporter.start();
    reporter.reloading();
    reporter.reloaded();
    assert.deepEqual(sent, ['READY', 'RELOADING', 'READY']);
  });
});
