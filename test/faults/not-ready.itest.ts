import assert from 'node:assert/strict';
import { EtcdBench } from './etcd-bench.ts';

const FOREIGN_WAIT_MS = 10_000;
const LEAST_ASKED = 10;

describe('a datastore that must not be used yet', () => {
  let bench: EtcdBench;

  beforeEach(async () => {
    bench = await EtcdBench.build();
  });
  afterEach(async () => {
    await bench.stop();
  });

  /** Asks for `/liveness` over and over until told to stop, and ten times at least; resolves to the answers that were not 200. */
  function watchLiveness(): () => Promise<readonly number[]> {
    const others: number[] = [];
    let asked = 0;
    const over = new AbortController();
    const asking = (async () => {
      while (!over.signal.aborted || asked < LEAST_ASKED) {
        const { status } = await bench.health('liveness');
        if (status !== 200) others.push(status);
        asked += 1;
      }
    })();
    return async () => {
      over.abort();
      await asking;
      return others;
    };
  }

  it('row 144: /readiness is 503 before the first rules are in force and 200 after, /liveness 200 throughout', async () => {
    await bench.setReady(false);
    bench.daemon.launch();
    await bench.readiness(503);
    const stop = watchLiveness();
    const { position } = bench.daemon;
    await bench.daemon.waitFor(
      'the alarm',
      (lines) => lines.some(({ alarm }) => alarm === 'datastore-not-ready'),
      FOREIGN_WAIT_MS,
      0,
    );
    assert.match(await bench.readiness(503), /datastore/);
    assert.equal(await bench.table(), '');
    const revision = await bench.setReady(true);
    await bench.daemon.settled(revision);
    await bench.readiness(200);
    assert.deepEqual(await stop(), []);
    assert.ok(bench.daemon.position > position);
    await bench.isAsFresh();
  });

  it('the table changed by others while the datastore is not ready', async () => {
    await bench.daemon.start();
    await bench.unharmed(async () => {
      const before = await bench.table();
      await bench.setReady(false);
      await bench.readiness(503);
      const { namespace } = bench.lab.hosts.A;
      for (const change of [
        'add rule inet rampart filter-input counter accept',
        'add chain inet rampart theirs',
        'flush chain inet rampart raw-prerouting',
      ]) {
        const { position } = bench.daemon;
        await namespace.run(['nft', '-f', '-'], change);
        await bench.daemon.waitFor(
          'the repair',
          (lines) =>
            lines.some(({ msg }) => msg === 'the rules that were in force are written again'),
          FOREIGN_WAIT_MS,
          position,
        );
        assert.equal(await bench.table(), before, change);
        await bench.readiness(503);
      }
      await bench.setReady(true);
      await bench.readiness(200);
      await bench.isAsFresh();
    });
  });
});
