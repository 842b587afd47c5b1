import assert from 'node:assert/strict';
import type { CalicoObject } from '../support/calico.ts';
import { denials, protection, TableBench } from './table-bench.ts';

const FORBIDDEN = 9100;
const REWRITES = 600;
const SETTLE_MS = 10_000;

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

/** A host endpoint on each of so many interfaces besides, which makes a map of them. */
function others(names: readonly string[]): readonly CalicoObject[] {
  return names.map((interfaceName) => ({
    kind: 'HostEndpoint',
    metadata: { name: interfaceName, labels: { role: 'edge' } },
    spec: { node: 'hosta', interfaceName },
  }));
}

describe('rules that are replaced under a flood of packets', () => {
  let bench: TableBench;

  async function start(objects?: readonly CalicoObject[]): Promise<void> {
    bench = await TableBench.start(objects);
    await bench.nft(WITNESS);
  }
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

  async function assertNothingLeaks(): Promise<void> {
    await bench.flood(FORBIDDEN);
    for (let i = 0; i < REWRITES; i++) await rewrite();
    const flood = await counted('flood');
    process.stdout.write(`      ${REWRITES} times, ${flood} packets\n`);
    assert.ok(flood > REWRITES, `${flood} packets`);
    await rewrite();
    assert.ok((await counted('flood')) > flood, 'the flood had ended');
    assert.equal(await counted('leaks'), 0);
  }

  it('let nothing through that neither the old nor the new ones allow', async () => {
    await start();
    await assertNothingLeaks();
  }).timeout(120_000);

  it('let nothing through on a host of many interfaces', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    await start([...protection(), ...others(names)]);
    for (const name of names)
      await bench.run(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-end`]);
    await bench.daemon.waitFor(
      'rules for all of them',
      (lines) => lines.some(({ endpoints }) => endpoints === names.length + 1),
      SETTLE_MS,
      0,
    );
    assert.match(await bench.table(), /iifname vmap/);
    await assertNothingLeaks();
  }).timeout(120_000);

  it('let nothing through that a rule in a verdict map denies and a later one allows', async () => {
    await start([...protection(), denials([{ action: 'Allow' }])]);
    assert.match(await bench.table(), /dport vmap/);
    await assertNothingLeaks();
  }).timeout(120_000);
});
