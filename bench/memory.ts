// Resident set of the daemon, idle and at scale, fresh, after a forced collection, and after churn.
import { setTimeout as rest } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import { startEtcd } from '../test/support/etcd.ts';
import { clusterEntries, load, MEMBER_CHANGES, workloadEndpoint } from './cluster.ts';
import type { ClusterSize } from './cluster.ts';
import { INSTALLED, installDaemon, NODE, OBSERVED, startBenchDaemon } from './daemon.ts';
import type { BenchDaemon } from './daemon.ts';

/** Resident sets, bytes. */
export interface MemoryFigures {
  readonly size: ClusterSize;
  /** As soon as the rules are in force. */
  readonly started: number;
  readonly highest: number;
  /** Left alone for a while: V8 and malloc have given back what they do not need. */
  readonly rested: number;
  readonly collected: number;
  /** After churn and another collection. */
  readonly churned: number;
}

const REST_MS = 30_000;
// An hour in which every pod of the cluster is replaced once, and one set has a change a second.
const CHURN_TXN = 100;

/** Measures in the network namespace of this process. Needs `npm run build`. */
export async function measureMemory(size: ClusterSize): Promise<MemoryFigures> {
  installDaemon();
  const etcd = await startEtcd();
  const client = new Etcd3({ hosts: etcd.endpoint });
  try {
    await load([...clusterEntries(size, NODE), MEMBER_CHANGES.policy], (part) => etcd.txn(part));
    const daemon = await startBenchDaemon(etcd.endpoint, OBSERVED, INSTALLED);
    try {
      const started = daemon.memory('VmRSS');
      const highest = daemon.memory('VmHWM');
      await rest(REST_MS);
      const rested = daemon.memory('VmRSS');
      const collected = await collect(daemon);
      for (let i = 0; i < size.workloadEndpoints; i += CHURN_TXN) {
        const pods = Array.from({ length: CHURN_TXN }, (_, j) => workloadEndpoint(i + j));
        await etcd.txn(pods.map(({ key }) => ({ key, value: null })));
        await etcd.txn(pods);
      }
      for (let i = 0; i < 1000; i++) {
        const { key, value } = MEMBER_CHANGES.change(i);
        await (value === null ? client.delete().key(key) : client.put(key).value(value));
      }
      await rest(REST_MS);
      return { size, started, highest, rested, collected, churned: await collect(daemon) };
    } finally {
      await daemon.stop();
    }
  } finally {
    client.close();
    await etcd.stop();
  }
}

/** One line for a terminal. */
export function formatMemory(figures: MemoryFigures): string {
  const { size, started, highest, rested, collected, churned } = figures;
  const at = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  return (
    `resident set with ${size.workloadEndpoints} workload endpoints, ${size.policies} policies: ` +
    `${at(started)} when the rules are in force (at most ${at(highest)} on the way), ${at(rested)} ` +
    `left alone for ${REST_MS / 1000} s, ${at(collected)} after a forced collection, ` +
    `${at(churned)} after every pod came anew, and another one`
  );
}

async function collect(daemon: BenchDaemon): Promise<number> {
  await daemon.observe();
  return daemon.memory('VmRSS');
}
