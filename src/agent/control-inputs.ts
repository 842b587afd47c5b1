import type { Clock } from '../base/clock.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { Routes } from '../host/routes.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import type { ConnectionCutter } from './connection-cutter.ts';
import type { RollbackControlInputs } from './control-rollback.ts';
import type { DeniedFlows } from './denied-flows.ts';
import type { Flushed } from './flushed.ts';
import type { History } from './history.ts';
import type { LastGood } from './last-good.ts';
import type { Loop } from './loop.ts';
import type { StagedWatch } from './staged-watch.ts';
import type { StatusKeeper } from './status-keeper.ts';
import type { TrustedCluster } from './trusted-cluster.ts';
import type { TurnWaiter } from './turn-waiter.ts';

/** What the local API asks and moves. */
export interface ControlInputs extends RollbackControlInputs {
  readonly nodeName: string;
  readonly clock: Clock;
  readonly nftables: Pick<Nftables, 'counters'>;
  readonly keeper: Pick<StatusKeeper, 'snapshot' | 'lastTurn'>;
  readonly loop: Pick<Loop, 'view' | 'resync' | 'reconsider' | 'objects'>;
  readonly conntrack: Pick<Conntrack, 'list'>;
  readonly routes: Pick<Routes, 'to'>;
  readonly cutter: Pick<ConnectionCutter, 'look' | 'cut'>;
  readonly flushed: Pick<Flushed, 'until' | 'set' | 'clear'>;
  readonly lastGood: Pick<LastGood, 'programmed'>;
  readonly history: Pick<History, 'answer'>;
  readonly trusted: Pick<TrustedCluster, 'guid' | 'trust'>;
  readonly turns: Pick<TurnWaiter, 'next'>;
  readonly staged: Pick<StagedWatch, 'report'>;
  readonly flows: Pick<DeniedFlows, 'book' | 'lost' | 'isWanted' | 'faults'>;
  readonly dataplane: () => DataplaneSettings | null;
}
