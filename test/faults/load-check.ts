import assert from 'node:assert/strict';
import { runLoad } from './load-bench.ts';
import type { LoadForm } from './load-bench.ts';

const MIB = 1024 * 1024;

/** What must hold beside: the final state is that of a fresh start, and the daemon stays live. */
export interface LoadLimits {
  readonly longestLagMs: number;
  /** How much more memory the last third of the time may need than the middle one. */
  readonly growth: number;
  readonly memoryMiB: number;
}

// Half of the shortest watchdog time that the service's unit could sensibly have.
const SLOWEST_LIVENESS_MS = 5000;

/** Runs it, prints the figures, and asserts. */
export async function assertLoad(form: LoadForm, limits: LoadLimits): Promise<void> {
  const result = await runLoad(form);
  const { lag, memory, slowestLivenessMs } = result;
  const third = Math.floor(memory.length / 3);
  const middle = Math.max(...memory.slice(third, 2 * third));
  const last = Math.max(...memory.slice(2 * third));
  process.stdout.write(
    `      ${result.changes} changes; lag median ${lag.median} ms, p99 ${lag.p99} ms, longest ${lag.longest} ms; ` +
      `memory ${mib(middle)} MiB, at the end ${mib(last)} MiB; slowest /liveness ${slowestLivenessMs.toFixed(0)} ms\n`,
  );
  assert.equal(result.table, result.freshTable, 'an update was lost');
  assert.ok(lag.longest <= limits.longestLagMs, `lag ${lag.longest} ms`);
  assert.ok(last <= middle * limits.growth, 'memory grows');
  assert.ok(last <= limits.memoryMiB * MIB, `${mib(last)} MiB`);
  assert.ok(slowestLivenessMs <= SLOWEST_LIVENESS_MS);
}

function mib(bytes: number): number {
  return Math.round(bytes / MIB);
}
