// Two network sets of 50,000 CIDRs each that one selector takes together, and changes of one of them.
import { execFileSync } from 'node:child_process';
import { setTimeout as rest } from 'node:timers/promises';
import { startEtcd } from '../test/support/etcd.ts';
import type { Etcd } from '../test/support/etcd.ts';
import { bigNetworkSet, bigSetPolicy, clusterEntries, load } from './cluster.ts';
import { NODE, OBSERVED, startBenchDaemon } from './daemon.ts';
import type { BenchDaemon } from './daemon.ts';
import { figuresOf } from './figures.ts';
import { listenToKernel } from './kernel-events.ts';
import type { KernelEvents } from './kernel-events.ts';

/** What one kind of change cost, milliseconds. */
interface Cost {
  /** From put to commit. */
  readonly latency: number;
  /** Of the daemon's main thread, files included, above what it takes while nothing happens. */
  readonly runTime: number;
  /** What its event loop took at most without a break. */
  readonly longest: number;
}

/** Medians of each kind of change. */
export interface BigSetFigures {
  readonly hasForeign: boolean;
  readonly costs: ReadonlyMap<string, Cost>;
}

const NETS = 50_000;
const RUNS = 3;
// The file of the last good rules is part of what a change costs, and so is what else is saved later.
const WINDOW_MS = 12_000;
const PAUSE_MS = 3_000;

/** Measures in the network namespace of this process, with or without a large set in another table. */
export async function measureBigSet(hasForeign: boolean): Promise<BigSetFigures> {
  if (hasForeign) addForeignTable();
  try {
    // The timer that sees pauses would be most of what the main thread does.
    const runs = await measureDaemon([], measureRuns);
    const pauses = await measureDaemon(OBSERVED, () => Promise.resolve(measurePause));
    const costs = Array.from(runs, ([what, list]): [string, Cost] => {
      const [latency, runTime] = [median(list, 0), median(list, 1)];
      return [what, { latency, runTime, longest: median(pauses.get(what) ?? [], 1) }];
    });
    return { hasForeign, costs: new Map(costs) };
  } finally {
    if (hasForeign) execFileSync('nft', ['delete', 'table', 'inet', 'foreign']);
  }
}

/** One line a change for a terminal. */
export function formatBigSet({ hasForeign, costs }: BigSetFigures): string {
  const place = hasForeign ? ', beside 100,000 CIDRs in another table' : '';
  const lines = Array.from(costs, ([what, { latency, runTime, longest }]) => {
    const ms = (value: number): string => `${value.toFixed(1)} ms`;
    return `  ${what}: put to commit ${ms(latency)}, main thread ${ms(runTime)}, at most ${ms(longest)} without a break`;
  });
  return `two network sets of ${NETS} CIDRs${place}\n${lines.join('\n')}`;
}

interface Bench {
  readonly etcd: Etcd;
  readonly kernel: KernelEvents;
  readonly daemon: BenchDaemon;
}

/** From put to commit, and what else is measured. */
type Measured = readonly [latency: number, other: number];
type Measure = (bench: Bench, send: () => Promise<unknown>) => Promise<Measured>;
type Costs = ReadonlyMap<string, readonly Measured[]>;

// `prepare` learns of the idle daemon what the measure needs.
async function measureDaemon(
  nodeArguments: readonly string[],
  prepare: (daemon: BenchDaemon) => Promise<Measure>,
): Promise<Costs> {
  const etcd = await startEtcd();
  const kernel = await listenToKernel();
  try {
    const small = { workloadEndpoints: 100, policies: 10, networkSets: 0 };
    await load([...clusterEntries(small, NODE), bigSetPolicy()], (part) => etcd.txn(part));
    const daemon = await startBenchDaemon(etcd.endpoint, nodeArguments);
    try {
      return await measureChanges({ etcd, kernel, daemon }, await prepare(daemon));
    } finally {
      await daemon.stop();
    }
  } finally {
    kernel.close();
    await etcd.stop();
  }
}

async function measureChanges(bench: Bench, measure: Measure): Promise<Costs> {
  const costs = new Map<string, Measured[]>();
  const change = async (what: string, send: () => Promise<unknown>): Promise<void> => {
    costs.set(what, [...(costs.get(what) ?? []), await measure(bench, send)]);
  };
  const put =
    (nets: readonly [number, number], shift = 0) =>
    (): Promise<unknown> => {
      const { key, value } = bigNetworkSet(0, nets, shift);
      return bench.etcd.put(key, value);
    };
  const second = bigNetworkSet(1, [0, NETS]);
  for (let i = 0; i < RUNS; i++) {
    await change('first set loaded', put([0, NETS]));
    await change('second set loaded', () => bench.etcd.put(second.key, second.value));
    await change('one CIDR added', put([0, NETS + 1]));
    await change('one CIDR removed', put([0, NETS]));
    await change('first set replaced', put([0, NETS], 1));
    for (const { key } of [bigNetworkSet(0, [0, 1]), second])
      await change('one set deleted', () => bench.etcd.del(key));
  }
  return costs;
}

async function measureRuns(daemon: BenchDaemon): Promise<Measure> {
  await rest(WINDOW_MS);
  const idleFrom = daemon.runTime();
  await rest(WINDOW_MS);
  const idle = daemon.runTime() - idleFrom;
  return async (bench, send) => {
    const from = daemon.runTime();
    const latency = await untilCommitted(bench, send);
    await rest(WINDOW_MS - latency);
    return [latency, daemon.runTime() - from - idle];
  };
}

async function measurePause(bench: Bench, send: () => Promise<unknown>): Promise<Measured> {
  await bench.daemon.observe();
  const latency = await untilCommitted(bench, send);
  await rest(PAUSE_MS);
  const { longestMs } = await bench.daemon.observe();
  return [latency, longestMs];
}

async function untilCommitted({ kernel }: Bench, send: () => Promise<unknown>): Promise<number> {
  const committed = kernel.nextCommit();
  const sentAt = performance.now();
  await send();
  return (await committed) - sentAt;
}

function median(list: readonly Measured[], which: 0 | 1): number {
  return figuresOf(list.map((measured) => measured[which])).p50;
}

function addForeignTable(): void {
  const nets = Array.from(
    { length: 100_000 },
    (_, i) => `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
  );
  const input = `add table inet foreign\nadd set inet foreign nets { type ipv4_addr; flags interval; elements = { ${nets.join(', ')} } }\n`;
  execFileSync('nft', ['-f', '-'], { input });
}
