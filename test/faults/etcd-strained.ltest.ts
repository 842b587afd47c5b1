import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { stored } from '../support/calico.ts';
import type { Etcd } from '../support/etcd.ts';
import { EtcdBench } from './etcd-bench.ts';

const MEBIBYTE = 2 ** 20;

/** More than etcd queues for a watch before it lets it fall behind. */
const EVENTS = 1500;

/** An object of this size that changes no rule. */
function large(name: string, bytes: number): readonly [key: string, value: string] {
  const annotations = { padding: 'x'.repeat(bytes) };
  return stored({ kind: 'GlobalNetworkSet', metadata: { name, annotations }, spec: { nets: [] } });
}

/** Takes etcd's alarms back, each from the member that raised it. */
async function disarm(etcd: Etcd): Promise<void> {
  const answer = await etcd.call('maintenance/alarm', { action: 'GET' });
  const alarms = answer['alarms'] as readonly object[] | undefined;
  assert.ok(alarms !== undefined && alarms.length > 0, 'etcd raised no alarm');
  for (const alarm of alarms)
    await etcd.call('maintenance/alarm', { action: 'DEACTIVATE', ...alarm });
}

describe('etcd under strain', () => {
  let bench: EtcdBench;

  beforeEach(async () => {
    bench = await EtcdBench.start({ etcd: { flags: [`--quota-backend-bytes=${64 * MEBIBYTE}`] } });
  });
  afterEach(async () => {
    await bench.stop();
  });

  it('etcd slow: it stands still most of the time', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      const slow = setInterval(() => {
        bench.etcd.pause();
        setTimeout(() => {
          bench.etcd.resume();
        }, 900);
      }, 1000);
      try {
        for (let i = 0; i < 5; i++) await bench.daemon.settled(await bench.change());
      } finally {
        clearInterval(slow);
        await delay(1000);
        bench.etcd.resume();
      }
      const lost = bench.daemon.log.slice(position).filter(({ msg }) => msg.includes('lost'));
      assert.deepEqual(lost, []);
      await bench.isAsFresh();
    });
  });

  it('a response of more than 4 MiB, as a list and as an event', async () => {
    await bench.unharmed(async () => {
      const names = Array.from({ length: 6 }, (_, index) => `large-${index}`);
      const operations = names.map((name) => large(name, MEBIBYTE));
      const revision = await bench.etcd.txn(operations.map(([key, value]) => ({ key, value })));
      await bench.daemon.settled(revision);
      const { position } = bench.daemon;
      await bench.etcd.restart();
      await bench.found(position);
      await bench.isAsFresh();
      await bench.etcd.txn(operations.map(([key]) => ({ key, value: null })));
    });
  });

  it('the watch cancelled by the server: its history was compacted while we stood still', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      bench.daemon.pause();
      await bench.flood(large('large', 4096), EVENTS);
      await bench.etcd.compact();
      bench.daemon.resume();
      await bench.found(position);
      const failed = bench.daemon.log
        .slice(position)
        .filter(({ msg }) => msg.startsWith('etcd connection failed'));
      assert.match(JSON.stringify(failed), /compacted/);
      await bench.isAsFresh();
    });
  });

  it('etcd out of space: what it has is enforced, and what it takes again afterwards', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      await assert.rejects(async () => {
        for (let i = 0; i < 200; i++) await bench.etcd.put('/filling', 'x'.repeat(MEBIBYTE));
      }, /database space exceeded/);
      await assert.rejects(bench.change(), /database space exceeded/);
      assert.equal((await bench.health()).status, 200);
      assert.equal(await bench.table(), await bench.freshTable());
      await bench.etcd.compact();
      await bench.etcd.call('maintenance/defragment', {});
      await disarm(bench.etcd);
      await bench.isAsFresh();
      const lost = bench.daemon.log.slice(position).filter(({ msg }) => msg.includes('lost'));
      assert.deepEqual(lost, []);
    });
  });
});
