import type { Announce } from './announce.ts';
import type { History } from './history.ts';
import type { KeptDatastore } from './kept-datastore.ts';
import type { LastGood } from './last-good.ts';
import type { LiveCutting } from './live-cutting.ts';
import type { MemoryKeeper } from './memory-keeper.ts';
import { MeteredObserver } from './metered-observer.ts';
import type { Reporting } from './reporting.ts';
import type { Rollback } from './rollback.ts';
import type { StagedWatch } from './staged-watch.ts';
import type { TrustedCluster } from './trusted-cluster.ts';
import type { TurnWaiter } from './turn-waiter.ts';

/** Who hears of the loop. */
export interface Observers {
  readonly lastGood: LastGood;
  readonly history: History;
  readonly kept: KeptDatastore;
  readonly trusted: TrustedCluster;
  readonly turns: TurnWaiter;
  readonly staged: StagedWatch;
  readonly cutting: LiveCutting;
  readonly announce: Announce;
  readonly rollback: Rollback;
  readonly memory: MemoryKeeper;
}

/** Passes on what the loop reports to everybody who has to know. */
export function createObserver(
  reporting: Reporting,
  { lastGood, history, kept, trusted, turns, staged, cutting, announce, ...others }: Observers,
): MeteredObserver {
  const { rollback, memory } = others;
  return new MeteredObserver(reporting.keeper, reporting.metrics, {
    updated: (objects) => {
      memory.updated(objects);
    },
    turning: () => {
      turns.turning();
      cutting.turning();
    },
    failed: (error) => {
      turns.failed(error);
      cutting.turned(false);
    },
    turned: (report) => {
      reporting.turned(report);
      lastGood.turned(report);
      rollback.turned(report);
      history.turned(report);
      trusted.remember(report.clusterInformation?.clusterGUID ?? '');
      turns.turned(report);
      kept.turned();
      staged.turned();
      cutting.turned(report.written !== null);
      if (!report.isSaved) announce.first();
    },
    connected: (isConnected) => {
      rollback.connected(isConnected);
    },
    flushed: () => {
      cutting.flushed();
      announce.first();
    },
    changed: () => {
      announce.change();
    },
  });
}
