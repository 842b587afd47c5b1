// Process start → policy in the kernel, beside a process that only lists the datastore and parses it.
import { spawnSync } from 'node:child_process';
import { TABLE } from '../src/ruleset/ruleset.ts';
import { startEtcd } from '../test/support/etcd.ts';
import { clusterEntries, load } from './cluster.ts';
import type { ClusterSize } from './cluster.ts';
import { INSTALLED, installDaemon, NODE, startBenchDaemon } from './daemon.ts';

/** Medians, milliseconds. */
export interface StartFigures {
  readonly size: ClusterSize;
  /** On a host that has none of our rules. */
  readonly startMs: number;
  /** Where the rules of the run before are still in force. */
  readonly restartMs: number;
  readonly bareMs: number;
}

/** Measures all three in turn, `runs` times, in the network namespace of this process. */
export async function measureStart(size: ClusterSize, runs: number): Promise<StartFigures> {
  installDaemon();
  const etcd = await startEtcd();
  try {
    await load([...clusterEntries(size, NODE)], (part) => etcd.txn(part));
    const [bares, starts, restarts]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < runs; i++) {
      bares.push(timeBareList(etcd.endpoint));
      starts.push(await timeStart(etcd.endpoint));
      restarts.push(await timeStart(etcd.endpoint));
      runOrThrow('nft', ['delete', 'table', TABLE.family, TABLE.name]);
    }
    return {
      size,
      startMs: median(starts),
      restartMs: median(restarts),
      bareMs: median(bares),
    };
  } finally {
    await etcd.stop();
  }
}

/** One line for a terminal. */
export function formatStart({ size, startMs, restartMs, bareMs }: StartFigures): string {
  const { workloadEndpoints, policies, networkSets } = size;
  const beside = (ms: number): string => `${Math.round(ms)} ms (${(ms / bareMs).toFixed(2)} x)`;
  return (
    `start with ${workloadEndpoints} workload endpoints, ${policies} policies, ${networkSets} network sets, ` +
    `to the kernel: ${beside(startMs)}, over the rules of the run before ${beside(restartMs)}; ` +
    `bare list and JSON.parse ${Math.round(bareMs)} ms`
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
  runOrThrow(process.execPath, ['bench/bare-list.mjs'], { ETCD_ENDPOINTS: endpoint });
  return performance.now() - started;
}

function runOrThrow(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): void {
  const { status, stderr } = spawnSync(program, args, {
    env: { PATH: process.env['PATH'], ...environment },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
