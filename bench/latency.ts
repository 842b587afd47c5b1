// etcd put sent → commit in the kernel, beside a bare watch and a bare transaction in the same run.
import { setTimeout as rest } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import { startEtcd } from '../test/support/etcd.ts';
import { measureBareTransactions, openBareWatch } from './bare.ts';
import type { BareTransaction, BareWatch } from './bare.ts';
import { clusterEntries, load, MEMBER_CHANGES, policyChange } from './cluster.ts';
import type { ClusterSize, Entry } from './cluster.ts';
import { NODE, startBenchDaemon } from './daemon.ts';
import { figuresOf, formatFigures } from './figures.ts';
import type { Figures } from './figures.ts';
import { listenToKernel } from './kernel-events.ts';
import type { KernelEvents } from './kernel-events.ts';

/** A key to write, or to delete when it has no value. */
export interface Change {
  readonly key: string;
  readonly value: string | null;
}

/** A benchmark of single changes. */
export interface LatencyPlan {
  readonly what: string;
  readonly size: ClusterSize;
  readonly extra: readonly Entry[];
  /** The `i`-th change; every one of them must change the kernel. */
  readonly change: (i: number) => Change;
  readonly bare: 'rule' | 'member';
  readonly count: number;
}

/** From the put to the kernel, and what the two halves cost by themselves. */
export interface LatencyFigures {
  readonly plan: LatencyPlan;
  readonly latency: Figures;
  readonly watch: Figures;
  readonly transaction: BareTransaction;
}

/** One policy's rule changes. */
export const POLICY_LATENCY: Omit<LatencyPlan, 'size' | 'count'> = {
  what: 'policy change',
  extra: [],
  change: policyChange,
  bare: 'rule',
};

/** One address joins and leaves a set with 10,000 members. */
export const POD_CHURN: Omit<LatencyPlan, 'size' | 'count'> = {
  what: 'one pod joins or leaves a set of 10,000',
  extra: [MEMBER_CHANGES.policy],
  change: MEMBER_CHANGES.change,
  bare: 'member',
};

const WARM_UP = 20;
// Nothing else is under way when a change is sent: what is measured is latency, not throughput.
const REST_MS = 5;

/** Runs the plan in the network namespace of this process. Needs `npm run build`. */
export async function measureLatency(plan: LatencyPlan): Promise<LatencyFigures> {
  const etcd = await startEtcd();
  const client = new Etcd3({ hosts: etcd.endpoint });
  const bareWatch = await openBareWatch(client);
  const kernel = await listenToKernel();
  try {
    await load([...clusterEntries(plan.size, NODE), ...plan.extra], (part) => etcd.txn(part));
    const daemon = await startBenchDaemon(etcd.endpoint);
    try {
      const [latency, watch] = await alternate(plan, { client, kernel, bareWatch });
      const pace = { count: plan.count, restMs: 2 * REST_MS };
      const transaction = measureBareTransactions(plan.bare, pace);
      return { plan, latency: figuresOf(latency), watch: figuresOf(watch), transaction };
    } finally {
      await daemon.stop();
    }
  } finally {
    kernel.close();
    await bareWatch.close();
    client.close();
    await etcd.stop();
  }
}

/** One line for a terminal. */
export function formatLatency({ plan, latency, watch, transaction }: LatencyFigures): string {
  const { inLoop, atPace } = transaction;
  const { workloadEndpoints, policies } = plan.size;
  const ratios = (one: Figures): string => {
    const bare = watch.p50 + one.p50;
    return `p50 ${(latency.p50 / bare).toFixed(2)}, p99 ${(latency.p99 / bare).toFixed(2)}`;
  };
  return (
    `${plan.what}, ${workloadEndpoints} workload endpoints, ${policies} policies, put sent to the kernel: ` +
    `${formatFigures(latency)}; bare watch ${formatFigures(watch)}, ` +
    `bare transaction ${formatFigures(inLoop)} in a loop, ${formatFigures(atPace)} at this pace; ` +
    `ratio to the p50s of bare watch and transaction: ${ratios(inLoop)} (in a loop), ${ratios(atPace)} (at this pace)`
  );
}

interface Instruments {
  readonly client: Etcd3;
  readonly kernel: KernelEvents;
  readonly bareWatch: BareWatch;
}

async function alternate(
  { change, count }: LatencyPlan,
  { client, kernel, bareWatch }: Instruments,
): Promise<readonly [number[], number[]]> {
  const latencies: number[] = [];
  const watches: number[] = [];
  for (let i = 0; i < count + WARM_UP; i++) {
    const { key, value } = change(i);
    const committed = kernel.nextCommit();
    const sentAt = performance.now();
    await (value === null ? client.delete().key(key) : client.put(key).value(value));
    const latency = (await committed) - sentAt;
    await rest(REST_MS);
    const watch = await bareWatch.once(Buffer.from(value ?? key));
    await rest(REST_MS);
    if (i < WARM_UP) continue;
    latencies.push(latency);
    watches.push(watch);
  }
  return [latencies, watches];
}
