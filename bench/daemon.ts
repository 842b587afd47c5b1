import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';

/** The node whose host endpoints the measured daemon enforces. */
export const NODE = 'bench-host';

/** The daemon as packages install it, after `installDaemon`. */
export const INSTALLED = 'dist/installed/lib/rampartd.mjs';

/** What a daemon started with `OBSERVED` tells of its event loop since the last time it was asked. */
export interface Observed {
  /** Longest time without a break. */
  readonly longestMs: number;
}

/** Arguments of Node for a daemon that can be observed. */
export const OBSERVED = ['--expose-gc', '--import', './bench/observe.mjs'];

/** A daemon in this network namespace. */
export interface BenchDaemon {
  /** A field of /proc/PID/status that is a size, such as VmRSS; bytes. */
  memory(field: string): number;
  /** How long its main thread has run so far, milliseconds: what other processes take is not in it. */
  runTime(): number;
  /** Asks what its event loop did, and collects its garbage. */
  observe(): Promise<Observed>;
  stop(): Promise<void>;
}

/** Starts the built daemon (`npm run build`); resolves once its first complete view is in the kernel. */
export async function startBenchDaemon(
  endpoint: string,
  nodeArguments: readonly string[] = [],
  program = 'dist/daemon/rampartd.js',
): Promise<BenchDaemon> {
  const home = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  const child = spawn(process.execPath, [...nodeArguments, program], {
    env: { PATH: process.env['PATH'], ...daemonEnvironment(endpoint, home) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log = createInterface({ input: child.stdout });
  try {
    await applied(child, log);
  } catch (error) {
    await end(child, home);
    throw error;
  }
  return {
    memory: (field) => readMemory(child.pid ?? 0, field),
    runTime: () => readRunTime(child.pid ?? 0),
    observe: () => observe(child, log),
    stop: () => end(child, home),
  };
}

/** Makes the daemon that packages install, of the sources. */
export function installDaemon(): void {
  execFileSync(process.execPath, ['bench/installed.mjs']);
}

/** What a daemon that is measured reads from its environment: what systemd would give it, and where it works. */
export function daemonEnvironment(
  endpoint: string,
  home: string,
): Readonly<Record<string, string>> {
  return {
    ...unitEnvironment(),
    ETCD_ENDPOINTS: endpoint,
    RAMPART_NODE_NAME: NODE,
    RAMPART_STATE_DIR: join(home, 'state'),
    RAMPART_RUN_DIR: join(home, 'run'),
    RAMPART_HEALTH_ENABLED: 'false',
  };
}

/** What systemd gives the daemon. */
export function unitEnvironment(): Readonly<Record<string, string>> {
  const unit = readFileSync('systemd/rampart.service', 'utf8');
  const settings = unit.matchAll(/^Environment=(\w+)=(.*)$/gm);
  return Object.fromEntries([...settings].map(([, name = '', value = '']) => [name, value]));
}

async function applied(child: ChildProcess, log: Interface): Promise<void> {
  const ready = lineWith(log, '"in sync and applied"');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the daemon ended with ${String(code)} before it had applied anything`);
  });
  await Promise.race([ready, ended]);
  ended.catch(() => undefined);
}

async function observe(child: ChildProcess, log: Interface): Promise<Observed> {
  const told = lineWith(log, '"observed"');
  child.kill('SIGUSR2');
  return (JSON.parse(await told) as { readonly observed: Observed }).observed;
}

function lineWith(log: Interface, text: string): Promise<string> {
  return new Promise((resolve) => {
    const look = (line: string): void => {
      if (!line.includes(text)) return;
      log.off('line', look);
      resolve(line);
    };
    log.on('line', look);
  });
}

function readMemory(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) * 1024;
}

/** How long the main thread of a process has run so far, milliseconds. */
export function readRunTime(pid: number): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

async function end(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  rmSync(home, { recursive: true, force: true });
}
