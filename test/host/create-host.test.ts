import assert from 'node:assert/strict';
import { HostError } from '../../src/base/errors.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createHost } from '../../src/host/create-host.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { Deliveries } from './deliveries.ts';
import { createManualClock } from './manual-clock.ts';

function brokenHost(code: string): Host {
  return {
    start: () => Promise.reject(new HostError(code, `${code} is broken`)),
    close: () => Promise.resolve(),
  };
}

describe('createHost', () => {
  const clock = createManualClock();
  const lo = { index: 1, name: 'lo', running: true, addresses: ['127.0.0.1'] };

  it('uses the first kind that works and says why the others do not', async () => {
    const warnings: LogFields[] = [];
    const logger = { ...silentLogger, warn: (fields: LogFields) => warnings.push(fields) };
    const host = createHost({ clock, logger }, {}, [
      () => brokenHost('netlink-unavailable'),
      () => createMemoryHost([lo]),
      () => brokenHost('never-tried'),
    ]);
    const deliveries = new Deliveries();
    await host.start(deliveries.listener);
    assert.deepEqual(deliveries.all, [[lo]]);
    assert.deepEqual(warnings, [{ reason: 'netlink-unavailable is broken' }]);
  });

  it('rejects with the reason of the last kind when none works', async () => {
    const host = createHost({ clock, logger: silentLogger }, {}, [
      () => brokenHost('first'),
      () => brokenHost('last'),
    ]);
    await assert.rejects(host.start(new Deliveries().listener), { code: 'last' });
  });

  it('closes the kind in use, and nothing before start', async () => {
    const inner = createMemoryHost([lo]);
    const host = createHost({ clock, logger: silentLogger }, {}, [() => inner]);
    await host.close();
    const deliveries = new Deliveries();
    await host.start(deliveries.listener);
    await host.close();
    inner.set([]);
    assert.deepEqual(deliveries.all, [[lo]]);
  });
});
