// etcd put sent → commit in the kernel, beside a bare watch and a bare transaction in the same run.
import { setTimeout as rest } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import { startEtcd } from '../test/support/etcd.ts';
import { measureBareTransactions, openBareAmongRules, openBareWatch } from './bare.ts';
import type { BareAmongRules, BareTransaction, BareWatch } from './bare.ts';
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
  readonly amongRules: Figures;
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
      const bareAmongRules = openBareAmongRules();
      const instruments = { client, kernel, bareWatch, bareAmongRules };
      const taken = await alternate(plan, instruments).finally(() => bareAmongRules.close());
      const pace = { count: plan.count, restMs: 3 * REST_MS };
      return { plan, ...taken, transaction: measureBareTransactions(plan.bare, pace) };
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
export function formatLatency(figures: LatencyFigures): string {
  const { plan, latency, watch, transaction, amongRules } = figures;
  const { workloadEndpoints, policies } = plan.size;
  const bare = (what: string, one: Figures): string => {
    const [p50, p99] = [latency.p50, latency.p99].map((ms) => ms / (watch.p50 + one.p50));
    return `${what} ${formatFigures(one)}: ratio p50 ${p50?.toFixed(2)}, p99 ${p99?.toFixed(2)}`;
  };
  return [
    `${plan.what}, ${workloadEndpoints} workload endpoints, ${policies} policies, put sent to the kernel: ${formatFigures(latency)}`,
    `bare watch ${formatFigures(watch)}; with that and a bare transaction`,
    bare('in an empty table, in a loop,', transaction.inLoop),
    bare('in an empty table, at this pace,', transaction.atPace),
    bare('among the same rules, in turns with the changes,', amongRules),
  ].join('\n  ');
}

interface Instruments {
  readonly client: Etcd3;
  readonly kernel: KernelEvents;
  readonly bareWatch: BareWatch;
  readonly bareAmongRules: BareAmongRules;
}

async function alternate(
  { change, count, bare }: LatencyPlan,
  { client, kernel, bareWatch, bareAmongRules }: Instruments,
): Promise<Pick<LatencyFigures, 'latency' | 'watch' | 'amongRules'>> {
  const latency: number[] = [];
  const watch: number[] = [];
  const amongRules: number[] = [];
  for (let i = 0; i < count + WARM_UP; i++) {
    const { key, value } = change(i);
    const committed = kernel.nextCommit();
    const sentAt = performance.now();
    await (value === null ? client.delete().key(key) : client.put(key).value(value));
    latency.push((await committed) - sentAt);
    await rest(REST_MS);
    watch.push(await bareWatch.once(Buffer.from(value ?? key)));
    await rest(REST_MS);
    amongRules.push(await bareAmongRules.once(bare));
    await rest(REST_MS);
  }
  const figures = (taken: readonly number[]): Figures => figuresOf(taken.slice(WARM_UP));
  return { latency: figures(latency), watch: figures(watch), amongRules: figures(amongRules) };
}
