// Two network sets of 50,000 CIDRs each that one selector takes together, and changes of one of them.
import { execFileSync } from 'node:child_process';
import { setTimeout as rest } from 'node:timers/promises';
import { startEtcd } from '../test/support/etcd.ts';
import type { Etcd } from '../test/support/etcd.ts';
import { bigNetworkSet, bigSetPolicy, clusterEntries, load } from './cluster.ts';
import { NODE, OBSERVED, startBenchDaemon } from './daemon.ts';
import type { BenchDaemon, Observed } from './daemon.ts';
import { figuresOf } from './figures.ts';
import { listenToKernel } from './kernel-events.ts';
import type { KernelEvents } from './kernel-events.ts';

/** What one kind of change cost, milliseconds: from put to commit, and of the daemon's main thread. */
interface Cost {
  readonly latency: number;
  readonly busy: number;
  readonly longest: number;
}

/** Medians of each kind of change. */
export interface BigSetFigures {
  readonly hasForeign: boolean;
  readonly costs: ReadonlyMap<string, Cost>;
}

const NETS = 50_000;
const RUNS = 3;

/** Measures in the network namespace of this process, with or without a large set in another table. */
export async function measureBigSet(hasForeign: boolean): Promise<BigSetFigures> {
  const etcd = await startEtcd();
  const kernel = await listenToKernel();
  if (hasForeign) addForeignTable();
  try {
    const small = { workloadEndpoints: 100, policies: 10, networkSets: 0 };
    await load([...clusterEntries(small, NODE), bigSetPolicy()], (part) => etcd.txn(part));
    const daemon = await startBenchDaemon(etcd.endpoint, OBSERVED);
    try {
      return { hasForeign, costs: await measureChanges({ etcd, kernel, daemon }) };
    } finally {
      await daemon.stop();
    }
  } finally {
    kernel.close();
    await etcd.stop();
    if (hasForeign) execFileSync('nft', ['delete', 'table', 'inet', 'foreign']);
  }
}

/** One line a change for a terminal. */
export function formatBigSet({ hasForeign, costs }: BigSetFigures): string {
  const place = hasForeign ? ', beside 100,000 CIDRs in another table' : '';
  const lines = Array.from(costs, ([what, { latency, busy, longest }]) => {
    const ms = (value: number): string => `${value.toFixed(1)} ms`;
    return `  ${what}: put to commit ${ms(latency)}, main thread ${ms(busy)}, at most ${ms(longest)} without a break`;
  });
  return `two network sets of ${NETS} CIDRs${place}\n${lines.join('\n')}`;
}

interface Bench {
  readonly etcd: Etcd;
  readonly kernel: KernelEvents;
  readonly daemon: BenchDaemon;
}

async function measureChanges(bench: Bench): Promise<BigSetFigures['costs']> {
  const costs = new Map<string, Cost[]>();
  const change = async (
    what: string,
    nets: readonly [number, number],
    shift = 0,
  ): Promise<void> => {
    const { key, value } = bigNetworkSet(0, nets, shift);
    const cost = await measureOne(bench, () => bench.etcd.put(key, value));
    costs.set(what, [...(costs.get(what) ?? []), cost]);
  };
  const second = bigNetworkSet(1, [0, NETS]);
  for (let i = 0; i < RUNS; i++) {
    await change('first set loaded', [0, NETS]);
    const both = await measureOne(bench, () => bench.etcd.put(second.key, second.value));
    costs.set('second set loaded', [...(costs.get('second set loaded') ?? []), both]);
    await change('one CIDR added', [0, NETS + 1]);
    await change('one CIDR removed', [0, NETS]);
    await change('first set replaced', [0, NETS], 1);
    for (const { key } of [bigNetworkSet(0, [0, 1]), second])
      await measureOne(bench, () => bench.etcd.del(key));
  }
  return new Map(Array.from(costs, ([what, list]) => [what, medianCost(list)]));
}

async function measureOne({ kernel, daemon }: Bench, send: () => Promise<unknown>): Promise<Cost> {
  await daemon.observe();
  const committed = kernel.nextCommit();
  const sentAt = performance.now();
  await send();
  const latency = (await committed) - sentAt;
  // The file of the last good rules is part of what a change costs.
  await rest(1500);
  const { busyMs, longestMs }: Observed = await daemon.observe();
  return { latency, busy: busyMs, longest: longestMs };
}

function medianCost(costs: readonly Cost[]): Cost {
  const median = (of: keyof Cost): number => figuresOf(costs.map((cost) => cost[of])).p50;
  return { latency: median('latency'), busy: median('busy'), longest: median('longest') };
}

function addForeignTable(): void {
  const nets = Array.from(
    { length: 100_000 },
    (_, i) => `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
  );
  const input = `add table inet foreign\nadd set inet foreign nets { type ipv4_addr; flags interval; elements = { ${nets.join(', ')} } }\n`;
  execFileSync('nft', ['-f', '-'], { input });
}
