import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import { createCtnetlinkConntrack } from '../conntrack/ctnetlink-conntrack.ts';
import { createLocalSockets } from '../conntrack/local-sockets.ts';
import { readTcpLoose } from '../conntrack/tcp-loose.ts';
import type { LocalConfig } from '../config/local-config.ts';
import { createRtnetlinkRoutes } from '../host/routes.ts';
import type { Routes } from '../host/routes.ts';
import type { Metrics } from '../status/metrics.ts';
import { ConnectionCutter } from './connection-cutter.ts';
import { CutOnDeny } from './cut-on-deny.ts';
import { judgeInForce } from './control-in-force.ts';
import type { InForceInputs } from './control-in-force.ts';
import { JudgeInForce } from './judge-in-force.ts';
import type { Loop } from './loop.ts';

/** What cutting depends on. */
export interface LiveCuttingInputs {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'recordCut'>;
  readonly inForce: InForceInputs;
  readonly loop: () => Pick<Loop, 'view'>;
}

/** Everything about live connections, put together. */
export interface LiveCutting {
  readonly conntrack: Conntrack;
  readonly routes: Routes;
  readonly cutter: ConnectionCutter;
  use(connections: LocalConfig['connections']): void;
  /** A transaction may be under way. */
  turning(): void;
  /** It is over; `isWritten`: the kernel holds other rules than before. */
  turned(isWritten: boolean): void;
  /** Our table is gone, as an operator asked. */
  flushed(): void;
  faults(): ReturnType<CutOnDeny['faults']>;
  close(): Promise<void>;
}

/** Opens nothing before it is needed. */
export function createLiveCutting(
  { connections }: Pick<LocalConfig, 'connections'>,
  inputs: LiveCuttingInputs,
): LiveCutting {
  const conntrack = createCtnetlinkConntrack();
  const sockets = createLocalSockets();
  const routes = createRtnetlinkRoutes();
  const inForce = new JudgeInForce(() => judgeInForce(inputs.inForce));
  const cutter = new ConnectionCutter({
    ...{ ...inputs, conntrack, sockets, routes },
    inForce: () => inForce.get(),
    interfaces: () => inputs.loop().view.interfaces,
    isTcpLoose: readTcpLoose,
    cut: (flows) => {
      inputs.metrics.recordCut(flows);
    },
  });
  const cutOnDeny = new CutOnDeny({ ...inputs, cutter }, connections);
  return {
    ...{ conntrack, routes, cutter },
    use: (connections) => {
      cutOnDeny.use(connections);
    },
    turning: () => {
      inForce.turning();
    },
    turned: (isWritten) => {
      inForce.turned(isWritten);
      if (isWritten) cutOnDeny.written();
    },
    flushed: () => {
      inForce.turned(true);
    },
    faults: () => cutOnDeny.faults(),
    close: async () => {
      await cutOnDeny.close();
      await Promise.all([conntrack.close(), sockets.close(), routes.close()]);
    },
  };
}
