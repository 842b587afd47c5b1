import assert from 'node:assert/strict';
import { EtcdBench } from './etcd-bench.ts';

const TEN_MINUTES_MS = 600_000;

describe('etcd away for a long time', () => {
  let bench: EtcdBench;

  before(async () => {
    bench = await EtcdBench.start();
  });
  after(async () => {
    await bench.stop();
  });

  it('row 139: etcd away for ten minutes: not ready any more, the rules in force all the same', async () => {
    await bench.unharmed(async () => {
      const before = await bench.table();
      const { position } = bench.daemon;
      await bench.etcd.kill();
      await bench.lost(position);
      const lostAt = Date.now();
      assert.match(await bench.readiness(503, TEN_MINUTES_MS + 10_000), /out of reach for 60\d s/);
      assert.ok(Date.now() - lostAt > TEN_MINUTES_MS - 5_000);
      assert.equal(await bench.table(), before);
      await bench.etcd.restart();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });
});
