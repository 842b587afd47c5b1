// A process that only hears of changes: what the daemon cannot take less than.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as rest } from 'node:timers/promises';
import { readRunTime, unitEnvironment } from './daemon.ts';
import { figuresOf } from './figures.ts';

const WINDOW_MS = 2_000;
const RUNS = 5;

/** How long its main thread runs for a change that `send` makes, milliseconds, above what it takes while nothing happens. */
export async function measureWatcher(
  endpoint: string,
  send: (i: number) => Promise<unknown>,
): Promise<number> {
  const env = { PATH: process.env['PATH'], ...unitEnvironment() };
  const child = spawn(process.execPath, ['bench/watcher.mjs', endpoint], {
    ...{ env, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  try {
    await once(child.stdout, 'data');
    const ran = async (change: () => Promise<unknown>): Promise<number> => {
      const from = readRunTime(child.pid ?? 0);
      await change();
      await rest(WINDOW_MS);
      return readRunTime(child.pid ?? 0) - from;
    };
    // The first one runs code that was never run.
    await ran(() => send(0));
    const idle = await ran(() => Promise.resolve());
    const runs: number[] = [];
    for (let i = 1; i <= RUNS; i++) runs.push((await ran(() => send(i))) - idle);
    return figuresOf(runs).p50;
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}
