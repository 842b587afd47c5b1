// Many instances of the real source on one etcd, straight and through `etcd grpc-proxy`: what each costs the server.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as rest } from 'node:timers/promises';
import { systemClock } from '../src/agent/system-clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { createEtcdSource } from '../src/source/etcd-source.ts';
import type { Source } from '../src/source/source.ts';
import { freePort, startEtcd } from '../test/support/etcd.ts';
import type { Etcd } from '../test/support/etcd.ts';
import { clusterEntries, load, policyChange } from './cluster.ts';
import { NODE } from './daemon.ts';
import { figuresOf, formatFigures } from './figures.ts';
import type { Figures } from './figures.ts';

/** What the instances cost the server that they are connected to, and how soon they hear of a change. */
export interface FanOutFigures {
  readonly instances: number;
  readonly way: 'straight' | 'by grpc-proxy';
  readonly memoryPerInstance: number;
  /** Of etcd itself, for one change that every instance hears of. */
  readonly cpuPerChangeMs: number;
  readonly latency: Figures;
}

const CHANGES = 50;
const TICKS_PER_SECOND = 100;

/** Measures in this network namespace. */
export async function measureFanOut(
  instances: number,
  way: FanOutFigures['way'],
): Promise<FanOutFigures> {
  const etcd = await startEtcd();
  const proxy = way === 'straight' ? null : await startProxy(etcd.endpoint);
  try {
    const size = { workloadEndpoints: 2000, policies: 100, networkSets: 0 };
    await load([...clusterEntries(size, NODE)], (part) => etcd.txn(part));
    const server = pidOf(etcd.endpoint);
    const before = memoryOf(server);
    const crowd = await startCrowd(instances, proxy?.endpoint ?? etcd.endpoint);
    try {
      const memoryPerInstance = (memoryOf(server) - before) / instances;
      const cpuBefore = cpuOf(server);
      const latency = await measureChanges(etcd, crowd);
      const cpuPerChangeMs = (cpuOf(server) - cpuBefore) / CHANGES;
      return { instances, way, memoryPerInstance, cpuPerChangeMs, latency };
    } finally {
      await Promise.all(crowd.sources.map((source) => source.close()));
    }
  } finally {
    proxy?.child.kill('SIGTERM');
    await etcd.stop();
  }
}

/** One line for a terminal. */
export function formatFanOut(figures: FanOutFigures): string {
  const { instances, way, memoryPerInstance, cpuPerChangeMs, latency } = figures;
  return (
    `${instances} sources ${way}: etcd ${Math.round(memoryPerInstance / 1024)} KiB each, ` +
    `${cpuPerChangeMs.toFixed(1)} ms of its processors a change, put sent to heard ${formatFigures(latency)}`
  );
}

interface Crowd {
  readonly sources: readonly Source[];
  /** Called with the time whenever one of them hears of a change. */
  heard: (at: number) => void;
}

async function startCrowd(instances: number, endpoint: string): Promise<Crowd> {
  const crowd: { sources: Source[]; heard: (at: number) => void } = {
    sources: [],
    heard: () => undefined,
  };
  const ports = { clock: systemClock, logger: silentLogger };
  for (let i = 0; i < instances; i++) {
    const source = createEtcdSource({ endpoints: [endpoint] }, ports);
    crowd.sources.push(source);
    await new Promise<void>((resolve) => {
      source.start((event) => {
        if (event.kind === 'in-sync') resolve();
        if (event.kind === 'updates') crowd.heard(performance.now());
      });
    });
  }
  return crowd;
}

async function measureChanges(etcd: Etcd, crowd: Crowd): Promise<Figures> {
  const latencies: number[] = [];
  // Watches are created a moment after the list.
  await rest(2000);
  for (let i = 0; i < CHANGES; i++) {
    const { key, value } = policyChange(i);
    let missing = crowd.sources.length;
    const all = new Promise<void>((resolve) => {
      crowd.heard = (at) => {
        latencies.push(at - sentAt);
        if (--missing === 0) resolve();
      };
    });
    const sentAt = performance.now();
    await etcd.put(key, value);
    await all;
  }
  return figuresOf(latencies);
}

async function startProxy(
  endpoint: string,
): Promise<{ readonly endpoint: string; readonly child: ChildProcess }> {
  const address = `127.0.0.1:${await freePort()}`;
  const flags = [`--endpoints=${endpoint}`, `--listen-addr=${address}`];
  const child = spawn('etcd', ['grpc-proxy', 'start', ...flags], { stdio: 'ignore' });
  await once(child, 'spawn');
  await rest(1000);
  return { endpoint: `http://${address}`, child };
}

function pidOf(endpoint: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const line = readProc(pid, 'cmdline');
    if (line.startsWith('etcd\0') && line.includes(`--listen-client-urls=${endpoint}\0`))
      return Number(pid);
  }
  throw new Error(`no etcd listens on ${endpoint}`);
}

function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readProc(String(pid), 'status'))?.[1]) * 1024;
}

// Fields 14 and 15 of /proc/PID/stat, user and system time in ticks; milliseconds.
function cpuOf(pid: number): number {
  const stat = readProc(String(pid), 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
