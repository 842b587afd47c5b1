import assert from 'node:assert/strict';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';
import { openEtcdClient } from '../../src/source/etcd-client.ts';
import type { EtcdClient } from '../../src/source/etcd-client.ts';
import { listPages } from '../../src/source/etcd-list.ts';
import { etcdTiming } from '../../src/source/etcd-options.ts';
import { watchFrom } from '../../src/source/etcd-watch.ts';
import { startEtcd } from '../support/etcd.ts';
import type { Etcd } from '../support/etcd.ts';
import { realClock } from './real-clock.ts';

const key = (name: string): string => `${RESOURCE_PREFIX}profiles/${name}`;

describe('watchFrom', function () {
  this.timeout(20_000);
  let etcd: Etcd;
  let client: EtcdClient;
  let stop: AbortController;

  before(async () => {
    etcd = await startEtcd();
  });
  after(async () => {
    await etcd.stop();
  });
  beforeEach(async () => {
    stop = new AbortController();
    const context = { clock: realClock, signal: stop.signal };
    client = await openEtcdClient(etcd.endpoint, { endpoints: [] }, context);
  });
  afterEach(() => {
    stop.abort();
    client.close();
  });

  const watch = (
    revision: number,
    timing: object,
    updates: (updates: readonly RawUpdate[]) => void = () => undefined,
  ): Promise<never> =>
    watchFrom(client, revision, {
      timing: etcdTiming({ endpoints: [], timing }),
      clock: realClock,
      signal: stop.signal,
      updates,
      progress: () => undefined,
    });

  it('delivers several revisions that happened before it in order', async () => {
    const first = await etcd.put(key('a'), '1');
    await etcd.put(key('a'), '2');
    await etcd.del(key('a'));
    const seen: RawUpdate[] = [];
    const watching = watch(first, {}, (updates) => {
      seen.push(...updates);
      if (seen.length === 3) stop.abort(new Error('seen all'));
    });
    await assert.rejects(watching, /seen all/);
    assert.deepEqual(
      seen.map(({ value, revision }) => [value && Buffer.from(value).toString(), revision]),
      [
        ['1', first],
        ['2', first + 1],
        [null, first + 2],
      ],
    );
  });

  it('ends when its first revision was compacted away', async () => {
    await etcd.put(key('a'), 'a');
    await etcd.put(key('a'), 'b');
    await etcd.compact();
    await assert.rejects(watch(1, {}), { code: 'etcd-compacted' });
  });

  it('ends when etcd does not answer pings', async () => {
    const timing = { progressIntervalMs: 60_000, keepaliveTimeoutMs: 500 };
    const context = { clock: realClock, signal: stop.signal };
    const patient = await openEtcdClient(etcd.endpoint, { endpoints: [], timing }, context);
    const since = performance.now();
    const watching = watchFrom(patient, 1_000, {
      timing: etcdTiming({ endpoints: [], timing }),
      clock: realClock,
      signal: stop.signal,
      updates: () => undefined,
      progress: () => undefined,
    });
    const ended = assert.rejects(watching, /Connection dropped|keepalive|UNAVAILABLE/i);
    await new Promise((resolve) => setTimeout(resolve, 300));
    etcd.pause();
    try {
      await ended;
    } finally {
      etcd.resume();
      patient.close();
    }
    const seconds = (performance.now() - since) / 1_000;
    assert.ok(seconds > 9 && seconds < 13, `after ${seconds} s`);
  });
});

describe('listPages', () => {
  it('fails when its revision is compacted away between two pages', async () => {
    const etcd = await startEtcd();
    const { signal } = new AbortController();
    const context = { clock: realClock, signal };
    const client = await openEtcdClient(etcd.endpoint, { endpoints: [] }, context);
    try {
      for (const name of ['a', 'b', 'c', 'd']) await etcd.put(key(name), name);
      const pages = listPages(client, 1);
      const first = await pages.next();
      assert.ok(first.done !== true);
      assert.equal(first.value.updates[0]?.key, key('a'));
      // The second page is asked for already; once it is here, the third is.
      const second = await pages.next();
      assert.ok(second.done !== true);
      await etcd.put(key('e'), 'e');
      await etcd.compact();
      await assert.rejects(async () => {
        for await (const page of pages) assert.ok(page.updates.length > 0);
      }, /compacted/);
    } finally {
      client.close();
      await etcd.stop();
    }
  });
});
