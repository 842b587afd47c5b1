import { EtcdBench } from './etcd-bench.ts';

describe('etcd away for a short time', () => {
  let bench: EtcdBench;

  before(async () => {
    bench = await EtcdBench.start();
  });
  after(async () => {
    await bench.stop();
  });

  it('row 139: etcd killed and restarted', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      await bench.etcd.kill();
      await bench.lost(position);
      await bench.etcd.restart();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });

  it('etcd compacted past our revision while we were away', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      await bench.partition('reset');
      await bench.lost(position);
      await bench.change();
      await bench.change();
      await bench.etcd.compact();
      await bench.rejoin();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });
});
