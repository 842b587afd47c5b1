// Two network sets of 50,000 CIDRs each that one selector takes together, and changes of one of them.
import { execFileSync } from 'node:child_process';
import { setTimeout as rest } from 'node:timers/promises';
import { startEtcd } from '../test/support/etcd.ts';
import type { Etcd } from '../test/support/etcd.ts';
import { bigNetworkSet, bigSetPolicy, clusterEntries, load } from './cluster.ts';
import { NODE, OBSERVED, startBenchDaemon } from './daemon.ts';
import type { BenchDaemon } from './daemon.ts';
import { figuresOf } from './figures.ts';
import { askKernel } from './kernel-events.ts';
import type { KernelEvents } from './kernel-events.ts';
import { measureWatcher } from './watcher.ts';

/** What one kind of change cost, milliseconds. */
interface Cost {
  /** From put to commit. */
  readonly latency: number;
  /** Of the daemon's main thread, above what it takes while nothing happens: until just after the commit. */
  readonly runTime: number;
  /** The same with files. */
  readonly withFiles: number;
  /** What its event loop took at most without a break. */
  readonly longest: number;
}

/** Of each kind of change: medians, but with files the mean. */
export interface BigSetFigures {
  readonly hasForeign: boolean;
  readonly costs: ReadonlyMap<string, Cost>;
  /** Of the main thread of a process that only hears of one CIDR more. */
  readonly watcher: number;
}

const NETS = 50_000;
const RUNS = 3;
const SMALL_CHANGES = 6;
const NOTHING = 'nothing';
// The file of the last good rules and the journal follow in every fourth.
const WINDOW_MS = 3_000;
// V8 collects what large changes left for up to half a minute after them, 20 to 90 ms that an idle daemon does not need.
const SETTLED_MS = 34_000;
// What people and reports need comes at most so much later.
const COMMITTED_MS = 100;

/** Measures in the network namespace of this process, with or without a large set in another table. */
export async function measureBigSet(hasForeign: boolean): Promise<BigSetFigures> {
  if (hasForeign) addForeignTable();
  try {
    // The timer that sees pauses would be most of what the main thread does.
    const runs = await measureDaemon([], measureRun);
    const pauses = await measureDaemon(OBSERVED, measurePause);
    const idle = mean(runs.get(NOTHING) ?? [], 'withFiles') / WINDOW_MS;
    const costs = Array.from(runs, ([what, list]): [string, Cost] => {
      const longest = median(pauses.get(what) ?? [], 'longest');
      const latency = median(list, 'latency');
      const runTime = median(list, 'runTime') - idle * (latency + COMMITTED_MS);
      const withFiles = mean(list, 'withFiles') - idle * WINDOW_MS;
      return [what, { latency, runTime, withFiles, longest }];
    }).filter(([what]) => what !== NOTHING);
    return { hasForeign, costs: new Map(costs), watcher: await measureOneWatcher() };
  } finally {
    if (hasForeign) execFileSync('nft', ['delete', 'table', 'inet', 'foreign']);
  }
}

/** One line a change for a terminal. */
export function formatBigSet({ hasForeign, costs, watcher }: BigSetFigures): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const place = hasForeign ? ', beside 100,000 CIDRs in another table' : '';
  const lines = Array.from(costs, ([what, { latency, runTime, withFiles, longest }]) => {
    const main = `main thread ${ms(runTime)}, with files ${ms(withFiles)}`;
    return `  ${what}: put to commit ${ms(latency)}, ${main}, at most ${ms(longest)} without a break`;
  });
  const bare = `a process that only hears of one CIDR more: main thread ${ms(watcher)}`;
  return `two network sets of ${NETS} CIDRs${place}\n${lines.join('\n')}\n  ${bare}`;
}

interface Bench {
  readonly etcd: Etcd;
  readonly kernel: KernelEvents;
  readonly daemon: BenchDaemon;
}

type Measured = Partial<Cost>;
/** Makes a change. */
type Send = () => Promise<unknown>;
/** Null: nothing happens. */
type Measure = (bench: Bench, send: Send | null) => Promise<Measured>;
type Costs = ReadonlyMap<string, readonly Measured[]>;

async function measureDaemon(nodeArguments: readonly string[], measure: Measure): Promise<Costs> {
  const etcd = await startEtcd();
  const kernel = await askKernel();
  try {
    const small = { workloadEndpoints: 100, policies: 10, networkSets: 0 };
    await load([...clusterEntries(small, NODE), bigSetPolicy()], (part) => etcd.txn(part));
    const daemon = await startBenchDaemon(etcd.endpoint, nodeArguments);
    try {
      return await measureChanges({ etcd, kernel, daemon }, measure);
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
  const change = async (what: string, send: Send | null): Promise<void> => {
    costs.set(what, [...(costs.get(what) ?? []), await measure(bench, send)]);
  };
  const put =
    (nets: readonly [number, number], shift = 0): Send =>
    () =>
      putFirst(bench.etcd, nets, shift);
  const second = bigNetworkSet(1, [0, NETS]);
  const policy = bigSetPolicy();
  for (let i = 0; i < RUNS; i++) {
    await change('first set loaded', put([0, NETS]));
    await change('second set loaded', () => bench.etcd.put(second.key, second.value));
    await change('policy deleted', () => bench.etcd.del(policy.key));
    await change('policy written that asks for both', () =>
      bench.etcd.put(policy.key, policy.value),
    );
    // Garbage of what came before is none of the changes that follow.
    await rest(SETTLED_MS);
    for (let one = 0; one < SMALL_CHANGES; one++) await change(NOTHING, null);
    for (let one = 0; one < SMALL_CHANGES; one++) {
      await change('one CIDR added', put([0, NETS + 1]));
      await change('one CIDR removed', put([0, NETS]));
    }
    await change('first set replaced', put([0, NETS], 1));
    for (const { key } of [bigNetworkSet(0, [0, 1]), second])
      await change('one set deleted', () => bench.etcd.del(key));
  }
  return costs;
}

// What an idle daemon takes is in it.
async function measureRun(bench: Bench, send: Send | null): Promise<Measured> {
  const { daemon } = bench;
  const from = daemon.runTime();
  const latency = await untilCommitted(bench, send);
  await rest(COMMITTED_MS);
  const runTime = daemon.runTime() - from;
  await rest(WINDOW_MS - latency - COMMITTED_MS);
  return { latency, runTime, withFiles: daemon.runTime() - from };
}

async function measureOneWatcher(): Promise<number> {
  const etcd = await startEtcd();
  try {
    return await measureWatcher(etcd.endpoint, (i) => putFirst(etcd, [0, NETS + (i % 2)]));
  } finally {
    await etcd.stop();
  }
}

function putFirst(etcd: Etcd, nets: readonly [number, number], shift = 0): Promise<unknown> {
  const { key, value } = bigNetworkSet(0, nets, shift);
  return etcd.put(key, value);
}

async function measurePause(bench: Bench, send: Send | null): Promise<Measured> {
  await bench.daemon.observe();
  const latency = await untilCommitted(bench, send);
  await rest(WINDOW_MS);
  const { longestMs } = await bench.daemon.observe();
  return { latency, longest: longestMs };
}

async function untilCommitted({ kernel }: Bench, send: Send | null): Promise<number> {
  if (send === null) return 0;
  const committed = kernel.nextCommit();
  const sentAt = performance.now();
  await send();
  return (await committed) - sentAt;
}

// Files are written for several changes at once: what one of them took says little.
function mean(list: readonly Measured[], which: keyof Cost): number {
  return list.reduce((sum, measured) => sum + (measured[which] ?? NaN), 0) / list.length;
}

function median(list: readonly Measured[], which: keyof Cost): number {
  return figuresOf(list.map((measured) => measured[which] ?? NaN)).p50;
}

function addForeignTable(): void {
  const nets = Array.from(
    { length: 100_000 },
    (_, i) => `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
  );
  const input = `add table inet foreign\nadd set inet foreign nets { type ipv4_addr; flags interval; elements = { ${nets.join(', ')} } }\n`;
  execFileSync('nft', ['-f', '-'], { input });
}
