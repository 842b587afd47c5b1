import assert from 'node:assert/strict';
import { felixConfiguration } from '../support/calico.ts';
import type { CalicoObject } from '../support/calico.ts';
import { assertUnharmed } from './prober.ts';
import { protection, TableBench } from './table-bench.ts';

const PERMITTED = 8055;
const FAILSAFE = 9200;

/** The host of the bench, which may send nothing that it was not asked for. */
const CLOSED_OUT = protection().map((object) =>
  object.kind === 'GlobalNetworkPolicy'
    ? { ...object, spec: { ...object.spec, egress: [] } }
    : object,
);

/** With these ports of TCP as both failsafe lists. */
function withFailsafes(...ports: readonly number[]): readonly CalicoObject[] {
  const list = ports.map((port) => ({ protocol: 'TCP', port }));
  const lists = { failsafeInboundHostPorts: list, failsafeOutboundHostPorts: list };
  return [...CLOSED_OUT, felixConfiguration(lists)];
}

describe('settings that change while packets flow', () => {
  let bench: TableBench;

  beforeEach(async () => {
    bench = await TableBench.start(withFailsafes());
  });
  afterEach(async () => {
    await bench.stop();
  });

  async function use(...ports: readonly number[]): Promise<void> {
    const { position } = bench.daemon;
    bench.store(withFailsafes(...ports));
    await bench.daemon.applied(position);
  }

  /** What both directions of the failsafe port meet. */
  async function bothWays(): Promise<readonly string[]> {
    return [await bench.connect(FAILSAFE), await bench.connectOut()];
  }

  it('row 143: the failsafe lists changed at runtime: effective, and no established connection is lost', async () => {
    const seen = await bench.during(async () => {
      assert.deepEqual(await bothWays(), ['timeout', 'timeout']);
      await use(FAILSAFE);
      assert.deepEqual(await bothWays(), ['ok', 'ok']);
      const carries = await Promise.all([
        bench.connection('permitted by policy', PERMITTED),
        bench.connection('in through the failsafe', FAILSAFE),
        bench.connection('out through the failsafe', 'out'),
      ]);
      for (const ports of [[], [FAILSAFE + 1], [FAILSAFE]]) {
        await use(...ports);
        const expected = ports.includes(FAILSAFE) ? 'ok' : 'timeout';
        assert.deepEqual(await bothWays(), [expected, expected]);
        for (const carried of carries) assert.equal(await carried(), 'ok');
      }
    });
    assertUnharmed(seen);
    await bench.assertFresh();
  });
});
