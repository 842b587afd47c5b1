import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The node whose host endpoints the measured daemon enforces. */
export const NODE = 'bench-host';

/** A daemon in this network namespace. */
export interface BenchDaemon {
  stop(): Promise<void>;
}

/** Starts the built daemon (`npm run build`); resolves once its first complete view is in the kernel. */
export async function startBenchDaemon(endpoint: string): Promise<BenchDaemon> {
  const home = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  const child = spawn(process.execPath, ['dist/daemon/rampartd.js'], {
    env: { PATH: process.env['PATH'], ...daemonEnvironment(endpoint, home) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await applied(child);
  } catch (error) {
    await end(child, home);
    throw error;
  }
  return { stop: () => end(child, home) };
}

/** What a daemon that is measured reads from its environment. */
export function daemonEnvironment(
  endpoint: string,
  home: string,
): Readonly<Record<string, string>> {
  return {
    ETCD_ENDPOINTS: endpoint,
    RAMPART_NODE_NAME: NODE,
    RAMPART_STATE_DIR: join(home, 'state'),
    RAMPART_RUN_DIR: join(home, 'run'),
    RAMPART_HEALTH_ENABLED: 'false',
  };
}

async function applied(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('the daemon has no standard output');
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('"in sync and applied"')) resolve();
    });
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the daemon ended with ${String(code)} before it had applied anything`);
  });
  await Promise.race([ready, ended]);
  ended.catch(() => undefined);
}

async function end(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  rmSync(home, { recursive: true, force: true });
}
