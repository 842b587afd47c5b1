// Process start → policy in the kernel, beside a process that only lists the datastore and parses it.
import { spawnSync } from 'node:child_process';
import { startEtcd } from '../test/support/etcd.ts';
import { clusterEntries, load } from './cluster.ts';
import type { ClusterSize } from './cluster.ts';
import { INSTALLED, installDaemon, NODE, startBenchDaemon } from './daemon.ts';

/** Medians, milliseconds. */
export interface StartFigures {
  readonly size: ClusterSize;
  readonly startMs: number;
  readonly bareMs: number;
}

/** Measures both in turn, `runs` times, in the network namespace of this process. */
export async function measureStart(size: ClusterSize, runs: number): Promise<StartFigures> {
  installDaemon();
  const etcd = await startEtcd();
  try {
    await load([...clusterEntries(size, NODE)], (part) => etcd.txn(part));
    const starts: number[] = [];
    const bares: number[] = [];
    for (let i = 0; i < runs; i++) {
      bares.push(timeBareList(etcd.endpoint));
      starts.push(await timeStart(etcd.endpoint));
    }
    return { size, startMs: median(starts), bareMs: median(bares) };
  } finally {
    await etcd.stop();
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

async function timeStart(endpoint: string): Promise<number> {
  const started = performance.now();
  const daemon = await startBenchDaemon(endpoint, [], INSTALLED);
  const tookMs = performance.now() - started;
  await daemon.stop();
  return tookMs;
}

function timeBareList(endpoint: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['bench/bare-list.mjs'], {
    env: { PATH: process.env['PATH'], ETCD_ENDPOINTS: endpoint },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the bare list ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
