import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { protection, TableBench } from './table-bench.ts';

const FEW = 2;
const MANY = 20_000;
// Counted from the call into libnftables, which takes about 100 ms.
const KILL_AFTER_MS = [0, 30, 60, 100] as const;
const LONGEST_WAIT_MS = 10_000;

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

// The daemon marks each call in a file, so that the next start knows of a death within one.
async function callOfLibrary(marker: string): Promise<void> {
  const until = performance.now() + LONGEST_WAIT_MS;
  while (readFileSync(marker, 'latin1').startsWith('-')) {
    if (performance.now() > until) throw new Error('nothing was applied');
    await nextTurn();
  }
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

  it('kill -9 in the middle of applying: the old rules or the new ones, never a part; the next start completes it', async () => {
    const states: string[] = [];
    const marker = join(bench.daemon.stateDir, 'libnftables-calls');
    const seen = await bench.during(async () => {
      for (const killAfterMs of KILL_AFTER_MS) {
        assert.equal(stateOf(await bench.table()), OLD);
        bench.store(after);
        await callOfLibrary(marker);
        await delay(killAfterMs);
        await bench.daemon.kill();
        states.push(stateOf(await bench.table()));
        // Otherwise the next start keeps to the nft program.
        rmSync(marker);
        await bench.daemon.start();
        assert.equal(stateOf(await bench.table()), NEW);
        const { position } = bench.daemon;
        bench.store(before);
        await bench.daemon.applied(position);
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
