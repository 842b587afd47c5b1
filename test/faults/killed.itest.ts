import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { protection, TableBench } from './table-bench.ts';

const FEW = 2;
const MANY = 20_000;
// Parts of the time that the transaction takes.
const KILL_AFTER = [0, 0.4, 0.8] as const;

/** Single addresses, none next to another. */
function addresses(count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, i) => `100.${64 + (i >> 15)}.${(i >> 7) & 255}.${(i & 127) * 2}/32`,
  );
}

/** Which of the two states a table holds, or what it holds instead. */
function stateOf(table: string): string {
  const elements = table.match(/\b100\.\d+\.\d+\.\d+/g)?.length ?? 0;
  const isOpen = table.includes('tcp dport { 8055, 9200 }');
  return `${elements} elements, ${isOpen ? 'open' : 'closed'}`;
}

const OLD = `${FEW} elements, closed`;
const NEW = `${MANY} elements, open`;

describe('a daemon that is killed', () => {
  let bench: TableBench;
  const before = protection(addresses(FEW));
  const after = protection(addresses(MANY), [8055, 9200]);

  beforeEach(async () => {
    bench = await TableBench.start(before);
  });
  afterEach(async () => {
    await bench.stop();
  });

  /** When a transaction begins after its manifests are stored, and how long it takes. */
  async function measured(): Promise<{ readonly startMs: number; readonly durationMs: number }> {
    const { position } = bench.daemon;
    const storedAt = performance.now();
    bench.store(after);
    await bench.daemon.applied(position);
    const tookMs = performance.now() - storedAt;
    const line = bench.daemon.log.slice(position).find(({ msg }) => msg === 'applied');
    const durationMs = Number(line?.['durationMs']);
    return { startMs: Math.max(0, tookMs - durationMs), durationMs };
  }

  async function reset(): Promise<void> {
    const { position } = bench.daemon;
    bench.store(before);
    await bench.daemon.applied(position);
  }

  it('kill -9 in the middle of applying: the old rules or the new ones, never a part; the next start completes it', async () => {
    const { startMs, durationMs } = await measured();
    const states: string[] = [];
    const seen = await bench.during(async () => {
      for (const share of KILL_AFTER) {
        await reset();
        assert.equal(stateOf(await bench.table()), OLD);
        bench.store(after);
        await delay(startMs + share * durationMs);
        await bench.daemon.kill();
        states.push(stateOf(await bench.table()));
        // Should the kill have hit a call of libnftables, the next start would keep to the nft program.
        rmSync(join(bench.daemon.stateDir, 'libnftables-calls'), { force: true });
        await bench.daemon.start();
        assert.equal(stateOf(await bench.table()), NEW);
      }
    });
    process.stdout.write(`      found after kill -9: ${states.join('; ')}\n`);
    for (const state of states) assert.ok(state === OLD || state === NEW, state);
    assert.equal(seen.forbidden.answered, 0);
    assert.equal(seen.permitted.answered, seen.permitted.sent);
    assert.ok(seen.isConnected);
    await bench.assertFresh();
  });
});
