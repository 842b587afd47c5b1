// Process start → policy in the kernel, beside a process that only lists the datastore and parses it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd } from '../test/support/etcd.ts';
import { clusterEntries, load } from './cluster.ts';
import type { ClusterSize } from './cluster.ts';
import { daemonEnvironment, NODE } from './daemon.ts';

/** Medians of whole processes, milliseconds. */
export interface StartFigures {
  readonly size: ClusterSize;
  readonly startMs: number;
  readonly bareMs: number;
}

/** Measures both in turn, `runs` times, in the network namespace of this process. Needs `npm run build`. */
export async function measureStart(size: ClusterSize, runs: number): Promise<StartFigures> {
  const etcd = await startEtcd();
  const home = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  try {
    await load([...clusterEntries(size, NODE)], (part) => etcd.txn(part));
    const environment = daemonEnvironment(etcd.endpoint, home);
    const starts: number[] = [];
    const bares: number[] = [];
    for (let i = 0; i < runs; i++) {
      bares.push(timeProcess(['bench/bare-list.mjs'], { ETCD_ENDPOINTS: etcd.endpoint }));
      starts.push(timeProcess(['dist/daemon/rampartd.js', '--once'], environment));
    }
    return { size, startMs: median(starts), bareMs: median(bares) };
  } finally {
    await etcd.stop();
    rmSync(home, { recursive: true });
  }
}

/** One line for a terminal. */
export function formatStart({ size, startMs, bareMs }: StartFigures): string {
  const { workloadEndpoints, policies, networkSets } = size;
  const ratio = (startMs / bareMs).toFixed(2);
  return (
    `start with ${workloadEndpoints} workload endpoints, ${policies} policies, ${networkSets} network sets: ` +
    `${Math.round(startMs)} ms to the kernel; bare list and JSON.parse ${Math.round(bareMs)} ms; ratio ${ratio}`
  );
}

function timeProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): number {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...environment },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
