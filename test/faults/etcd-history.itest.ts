import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSnapshot } from '../../src/agent/snapshot-file.ts';
import { EtcdBench, OWN_CLUSTER } from './etcd-bench.ts';

describe('etcd with another history', () => {
  let dataDir: string;
  let bench: EtcdBench;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rampart-history-'));
    bench = await EtcdBench.start({ etcd: { dataDir } });
  });
  after(async () => {
    await bench.stop();
    await rm(dataDir, { recursive: true });
  });

  it('etcd restored from an older snapshot: the revision goes backwards', async () => {
    await bench.unharmed(async () => {
      const copy = join(dataDir, 'copy');
      await bench.etcd.kill();
      await cp(join(dataDir, 'data'), copy, { recursive: true });
      await bench.etcd.restart();
      const { position } = bench.daemon;
      const later = await bench.change();
      await bench.daemon.settled(later);
      const replaced = await bench.table();
      await bench.etcd.kill();
      await rm(join(dataDir, 'data'), { recursive: true });
      await cp(copy, join(dataDir, 'data'), { recursive: true });
      await bench.etcd.restart();
      assert.ok((await bench.etcd.revision()) < later);
      await bench.daemon.waitFor(
        'the older state',
        (lines) => lines.some(({ msg, revision = later }) => msg === 'applied' && revision < later),
        30_000,
        position,
      );
      assert.notEqual(await bench.table(), replaced);
      assert.equal(await bench.table(), await bench.freshTable());
      await bench.fill();
      await bench.isAsFresh();
    });
  });

  for (const [what, alarm, fill] of [
    ['etcd comes back empty', 'datastore-blank', () => Promise.resolve()],
    [
      'etcd comes back as another cluster',
      'datastore-changed',
      () => bench.fill('b0000000000000000000000000000002'),
    ],
  ] as const) {
    it(what, async () => {
      await bench.unharmed(async () => {
        const before = await bench.table();
        const { position } = bench.daemon;
        await bench.etcd.wipe();
        await bench.lost(position);
        await bench.etcd.restart();
        await fill();
        await bench.daemon.waitFor(
          'the alarm',
          (lines) => lines.some((line) => line['alarm'] === alarm),
          30_000,
          position,
        );
        await bench.readiness(503);
        assert.equal(await bench.table(), before);
        const saved = readSnapshot(bench.daemon.stateDir);
        const values =
          saved?.ok === true ? saved.value.updates.map(({ value }) => String(value)) : [];
        assert.match(values.join('\n'), new RegExp(OWN_CLUSTER));
        await bench.fill();
        await bench.readiness(200);
        await bench.isAsFresh();
      });
    });
  }
});
