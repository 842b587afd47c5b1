import assert from 'node:assert/strict';
import { TableBench } from './table-bench.ts';

const FORBIDDEN = 9100;
const REWRITES = 600;

/** Counts what our table lets through. */
const WITNESS = `table inet witness {
  chain flood {
    type filter hook prerouting priority -400;
    udp dport ${FORBIDDEN} counter
  }
  chain leaks {
    type filter hook input priority 100;
    udp dport ${FORBIDDEN} counter
  }
}`;

describe('rules that are replaced under a flood of packets', () => {
  let bench: TableBench;

  beforeEach(async () => {
    bench = await TableBench.start();
    await bench.nft(WITNESS);
  });
  afterEach(async () => {
    await bench.stop();
  });

  async function counted(chain: string): Promise<number> {
    const text = await bench.run(['nft', 'list', 'chain', 'inet', 'witness', chain]);
    return Number(/counter packets (\d+)/.exec(text)?.[1] ?? Number.NaN);
  }

  /** Writes the whole table, from what the kernel holds. */
  async function rewrite(): Promise<void> {
    const { position } = bench.daemon;
    bench.daemon.reload('');
    await bench.daemon.applied(position);
  }

  it('let nothing through that neither the old nor the new ones allow', async () => {
    await bench.flood(FORBIDDEN);
    for (let i = 0; i < REWRITES; i++) await rewrite();
    const flood = await counted('flood');
    process.stdout.write(`      ${REWRITES} times, ${flood} packets\n`);
    assert.ok(flood > REWRITES, `${flood} packets`);
    await rewrite();
    assert.ok((await counted('flood')) > flood, 'the flood had ended');
    assert.equal(await counted('leaks'), 0);
  }).timeout(120_000);
});
