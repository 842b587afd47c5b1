import { EtcdBench } from './etcd-bench.ts';

// Longer than it takes to notice: keepalive after 10 s, answered within 5 s.
describe('etcd silent', () => {
  let bench: EtcdBench;

  beforeEach(async () => {
    bench = await EtcdBench.start();
  });
  afterEach(async () => {
    await bench.stop();
  });

  it('etcd frozen for longer than the keepalive', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      bench.etcd.pause();
      await bench.lost(position);
      bench.etcd.resume();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });

  it('etcd partitioned, packets dropped', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      await bench.partition('drop');
      await bench.change();
      await bench.lost(position);
      await bench.rejoin();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });
});
