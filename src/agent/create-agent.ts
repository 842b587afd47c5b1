import type { Clock } from '../base/clock.ts';
import type { LocalConfig } from '../config/local-config.ts';
import { createHost } from '../host/create-host.ts';
import { openNftables } from './open-nftables.ts';
import { createMetrics } from '../status/metrics.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import { createSource } from './create-source.ts';
import { datastoreGate } from './datastore-gate.ts';
import { Loop } from './loop.ts';
import { MeteredObserver } from './metered-observer.ts';
import { changedKeys } from './changed-keys.ts';
import type { LevelledLogger } from './pino-logger.ts';
import { Services } from './services.ts';
import { SettingsResolver } from './settings-resolver.ts';
import { StatusKeeper } from './status-keeper.ts';
import { createServiceNotifier } from '../status/systemd-notify.ts';
import { SystemdReporter } from './systemd-reporter.ts';
import { TrustedCluster } from './trusted-cluster.ts';

/** What the daemon's entry point provides. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly logger: LevelledLogger;
  readonly version: string;
  readonly pid: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The running daemon. */
export interface Agent {
  /** Resolves once the datastore's first complete view is in the kernel. Never rejects. */
  readonly applied: Promise<void>;
  status(): DaemonStatus;
  /** Uses a changed configuration; answers the changed keys that need a restart to have an effect. */
  reload(config: LocalConfig): readonly string[];
  /** Stops. The rules stay. */
  close(): Promise<void>;
}

/**
 * Wires all stages together and starts them. Rejects when this host offers no way to program nftables or to
 * list its interfaces; then nothing was changed.
 */
export async function startAgent(config: LocalConfig, ports: AgentPorts): Promise<Agent> {
  const { clock, logger, version, environment } = ports;
  // First of all: libnftables needs a larger native stack than koffi gives once anything else was loaded.
  const nftables = await openNftables(config, ports);
  const trusted = await TrustedCluster.open(config.stateDir, logger);
  const keeper: StatusKeeper = new StatusKeeper({
    identity: {
      version,
      nodeName: config.nodeName,
      datastoreType: config.datastore.kind,
      transport: nftables.info,
    },
    clock,
    logger,
    loop: () => loop.view,
    faults: () => services.faults(),
  });
  const metrics = createMetrics({
    status: () => keeper.snapshot(),
    now: clock.now,
    hasProcessMetrics: true,
  });
  const services: Services = new Services({
    metrics,
    clock,
    logger,
    status: () => keeper.snapshot(),
  });
  const notifier = await createServiceNotifier({ environment, pid: ports.pid }, ports);
  const systemd = new SystemdReporter(notifier, clock, () => keeper.snapshot());
  const settings = new SettingsResolver(config, (next) => {
    services.use(next);
    logger.setLevel(next.logLevel);
  });
  let announceFirst = (): void => undefined;
  const applied = new Promise<void>((resolve) => {
    announceFirst = resolve;
  });
  const loop: Loop = new Loop({
    nodeName: config.nodeName,
    source: createSource(config, ports),
    host: createHost(ports),
    nftables,
    clock,
    logger,
    settings: (layers) => settings.resolve(layers),
    gate: (clusterInformation) =>
      datastoreGate({
        datastoreType: config.datastore.kind,
        clusterInformation,
        trustedGUID: trusted.guid,
      }),
    observer: new MeteredObserver(keeper, metrics, {
      turned: () => {
        const { clusterInformation } = loop.view;
        if (clusterInformation !== null) trusted.remember(clusterInformation.clusterGUID);
        announceFirst();
      },
      changed: () => {
        systemd.report();
      },
    }),
  });
  if (await loop.isTablePresent()) keeper.found('last-good');
  settings.resolve({ perHost: null, bySelector: null, global: null });
  await loop.start();
  systemd.start();
  return {
    applied,
    status: () => keeper.snapshot(),
    reload: (next) => {
      systemd.reloading();
      settings.useLocal(next);
      loop.reconfigure();
      loop.resync();
      systemd.reloaded();
      return changedKeys(config, next);
    },
    close: async () => {
      await systemd.stop();
      await loop.close();
      await services.close();
      await trusted.close();
      await nftables.close();
    },
  };
}
