import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { LocalConfig } from '../config/local-config.ts';
import { startControlServer } from '../control/server.ts';
import type { ControlServer } from '../control/server.ts';
import { SOCKET_NAME } from '../control/wire.ts';
import { createHost } from '../host/create-host.ts';
import { createNflogPacketLog } from '../nflog/nflog-packet-log.ts';
import type { PacketLog } from '../nflog/packet-log.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import { createOptimiser } from '../optimise/optimise.ts';
import { createServiceNotifier } from '../status/systemd-notify.ts';
import { awaitBootUnit } from './boot-arrival.ts';
import { readBootReport } from './boot-report.ts';
import type { BootReport } from './boot-report.ts';
import { changedKeys } from './changed-keys.ts';
import { createControlHandler } from './control-handler.ts';
import type { ControlInputs } from './control-inputs.ts';
import { datastoreGate } from './datastore-gate.ts';
import type { DecideGate } from './datastore-gate.ts';
import { createRollback, gateWithRollback } from './create-rollback.ts';
import { DeniedFlows } from './denied-flows.ts';
import { keepDatastore } from './kept-datastore.ts';
import type { KeptDatastore } from './kept-datastore.ts';
import { Flushed } from './flushed.ts';
import { History } from './history.ts';
import { LastGood } from './last-good.ts';
import { createLiveCutting } from './live-cutting.ts';
import type { LiveCutting } from './live-cutting.ts';
import { Loop } from './loop.ts';
import type { LoopView } from './loop.ts';
import { meterNftables } from './metered-nftables.ts';
import { MemoryKeeper } from './memory-keeper.ts';
import { MeteredObserver } from './metered-observer.ts';
import { openNftables } from './open-nftables.ts';
import type { LevelledLogger } from './pino-logger.ts';
import { createProcessMemory } from './process-memory.ts';
import { createReporting } from './reporting.ts';
import type { Reporting } from './reporting.ts';
import { RollbackFile } from './rollback-file.ts';
import type { SavedRollback } from './rollback-file.ts';
import type { Rollback } from './rollback.ts';
import { Services } from './services.ts';
import { SettingsResolver } from './settings-resolver.ts';
import type { StatusKeeper } from './status-keeper.ts';
import { StagedWatch } from './staged-watch.ts';
import { SystemdReporter } from './systemd-reporter.ts';
import { TrustedCluster } from './trusted-cluster.ts';
import { TurnWaiter } from './turn-waiter.ts';

/** What the daemon's entry point provides. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly logger: LevelledLogger;
  readonly version: string;
  readonly pid: number;
  /** False: rules are written as they are compiled, for comparison. */
  readonly optimise: boolean;
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
  // First of all: libnftables needs a larger native stack than koffi gives once anything else was loaded.
  const nftables = await openNftables(config, ports);
  const boot = readBootReport(config);
  const trusted = TrustedCluster.open(config.stateDir, ports.logger);
  const notifier = await createServiceNotifier(ports, ports);
  const flushed = Flushed.open(config.stateDir, ports);
  const file = new RollbackFile(config.stateDir, ports.logger);
  const saved = file.read();
  const memory = new MemoryKeeper({ ...ports, memory: await createProcessMemory() });
  const parts = wire(config, ports, { nftables, trusted, boot, flushed, file, saved, memory });
  const { loop, keeper, services, settings } = parts;
  const systemd = new SystemdReporter(notifier, ports.clock, () => keeper.snapshot());
  parts.onChange(() => {
    systemd.report();
  });
  if (await loop.isTablePresent()) keeper.found(boot.rules);
  flushed.onExpired(() => {
    ports.logger.info({}, 'the flush is over: this host is protected again');
    void loop.reconsider();
  });
  await parts.flows.use(config.flows);
  settings.resolve({ perHost: null, bySelector: null, global: null });
  await loop.start();
  if (flushed.until !== null) await loop.reconsider();
  systemd.start();
  return {
    applied: parts.applied,
    status: () => keeper.snapshot(),
    reload: (next) => {
      systemd.reloading();
      settings.useLocal(next);
      parts.cutting.use(next.connections);
      void parts.flows.use(next.flows).then(() => {
        loop.reconfigure();
      });
      loop.reconfigure();
      loop.resync();
      systemd.reloaded();
      return changedKeys(config, next);
    },
    close: async () => {
      memory.close();
      await systemd.stop();
      await parts.control.close();
      await parts.staged.close();
      await parts.cutting.close();
      flushed.close();
      parts.flows.close();
      parts.rollback.close();
      await loop.close();
      await parts.reporting.close();
      await services.close();
      await parts.lastGood.close();
      await parts.history.close();
      await parts.kept.close();
      await trusted.close();
      await nftables.close();
    },
  };
}

interface Opened {
  readonly nftables: Nftables;
  readonly trusted: TrustedCluster;
  readonly boot: BootReport;
  readonly flushed: Flushed;
  readonly file: RollbackFile;
  readonly saved: SavedRollback;
  readonly memory: MemoryKeeper;
}

interface Parts {
  readonly loop: Loop;
  readonly keeper: StatusKeeper;
  readonly reporting: Reporting;
  readonly services: Services;
  readonly control: ControlServer;
  readonly settings: SettingsResolver;
  readonly lastGood: LastGood;
  readonly history: History;
  readonly kept: KeptDatastore;
  readonly staged: StagedWatch;
  readonly cutting: LiveCutting;
  readonly flows: DeniedFlows;
  readonly rollback: Rollback;
  readonly applied: Promise<void>;
  /** Sets who is told that something in the status may have changed. */
  onChange(listener: () => void): void;
}

// The parts know each other through functions, so that none has to be there before the others.
function wire(config: LocalConfig, ports: AgentPorts, opened: Opened): Parts {
  const { nftables, trusted, boot, flushed, memory } = opened;
  const { clock, logger } = ports;
  const isSettled = (): boolean => rollback.isSettled;
  const lastGood = new LastGood({ ...config, version: ports.version, isSettled }, ports);
  const history = new History({ stateDir: config.stateDir, clock, logger, nftables });
  const { announce, changed, ...told } = createAnnounce();
  const reporting = createReporting(config, {
    ...{ ...ports, nftables, loop: () => loop, changed },
    dataplane: () => settings.dataplane,
    serviceFaults: () => [
      ...[kept, services, lastGood, history, boot, flushed, cutting, flows, rollback].flatMap(
        (one) => one.faults(),
      ),
      ...faultOf('control-unavailable', control.fault()),
    ],
    ...{ staged: () => staged.tallies, flows: () => flows },
  });
  const { keeper, metrics } = reporting;
  const status = (): DaemonStatus => keeper.snapshot();
  const services: Services = new Services({ metrics, clock, logger, status });
  const isHeard = (group: number): boolean => flows.isHeard(group);
  const users = { services, reporting, logger, isHeard };
  const settings: SettingsResolver = createSettings(config, users);
  const gate = gateWithRollback(gateOf(config, trusted), () => rollback);
  const kept: KeptDatastore = keepDatastore(config, ports, { view: () => loop.view, gate });
  const turns = new TurnWaiter(clock);
  const dataplane = (): DataplaneSettings | null => settings.dataplane;
  const cutting: LiveCutting = createLiveCutting(config, {
    ...{ ...ports, metrics, loop: () => loop, inForce: { keeper, lastGood, flushed, dataplane } },
  });
  const packetLog = createPacketLog(clock, () => loop.view);
  const about = { keeper, packetLog, loop: () => loop, dataplane };
  const flows: DeniedFlows = createDeniedFlows(ports, about);
  const watched = { ...ports, ...cutting, packetLog, dataplane, loop: () => loop };
  const staged: StagedWatch = new StagedWatch(watched);
  const rollback: Rollback = createRollback(config, {
    ...{ ...watched, ...opened, keeper, lastGood, kept, changed },
  });
  const heard = {
    ...{ lastGood, history, kept, trusted, turns, staged, cutting, announce, rollback, memory },
  };
  const loop: Loop = new Loop({
    ...ports,
    ...{ nodeName: config.nodeName, source: kept.source, host: createHost(ports), gate },
    nftables: createTable(ports, { ...opened, lastGood, reporting, changed, loop: () => loop }),
    settings: (layers) => settings.resolve(layers),
    isFlushed: () => flushed.until !== null,
    inForce: () => lastGood.inForce(),
    optimise: ports.optimise ? createOptimiser() : (ruleset) => ruleset,
    admit: (wanted, objects) => rollback.admit(wanted, objects),
    observer: createObserver(reporting, heard),
  });
  const control: ControlServer = startControl(config, ports, {
    ...{ nodeName: config.nodeName, clock, nftables, keeper, loop, lastGood, trusted, turns },
    ...{ ...cutting, flushed, staged, flows, rollback, history, dataplane },
  });
  const parts = { loop, keeper, reporting, services, control, settings, lastGood, history, kept };
  return { ...parts, staged, cutting, flows, rollback, ...told };
}

interface TableAbout extends Pick<Opened, 'nftables' | 'boot'> {
  readonly lastGood: LastGood;
  readonly reporting: Reporting;
  readonly changed: () => void;
  readonly loop: () => Pick<Loop, 'rewrite'>;
}

// As the loop sees it; everybody else asks the kernel.
function createTable({ clock, logger }: AgentPorts, about: TableAbout): Nftables {
  const { boot, changed, lastGood, loop, nftables, reporting } = about;
  const { keeper, metrics } = reporting;
  return awaitBootUnit(meterNftables(lastGood.recording(nftables), metrics), {
    ...{ clock, logger, boot },
    isOpen: () => keeper.rulesInForce === 'none',
    doubt: () => {
      loop().rewrite();
    },
    arrived: () => {
      keeper.found(boot.rules);
      changed();
    },
  });
}

interface SettingsUsers {
  readonly services: Services;
  readonly reporting: Reporting;
  readonly logger: LevelledLogger;
  readonly isHeard: (group: number) => boolean;
}

function createSettings(config: LocalConfig, users: SettingsUsers): SettingsResolver {
  const use = (next: DataplaneSettings): void => {
    users.services.use(next);
    users.reporting.use(next);
    users.logger.setLevel(next.logLevel);
  };
  return new SettingsResolver(config, use, users.isHeard);
}

interface FlowsAbout extends Pick<ControlInputs, 'keeper' | 'dataplane'> {
  readonly packetLog: PacketLog;
  readonly loop: () => Pick<Loop, 'reconfigure'>;
}

function createDeniedFlows(
  { clock, logger }: AgentPorts,
  { keeper, packetLog, loop, dataplane }: FlowsAbout,
): DeniedFlows {
  return new DeniedFlows({
    ...{ clock, logger, packetLog },
    inForce: () => {
      const policy = keeper.lastTurn?.resolution.policy ?? null;
      const settings = dataplane();
      return policy === null || settings === null ? null : { policy, settings };
    },
    changed: () => {
      loop().reconfigure();
    },
  });
}

/** Who is to be told, as long as it is known. */
interface Announce {
  first: () => void;
  change: () => void;
}

function createAnnounce(): Pick<Parts, 'applied' | 'onChange'> & {
  readonly announce: Announce;
  readonly changed: () => void;
} {
  const announce: Announce = { first: () => undefined, change: () => undefined };
  return {
    announce,
    changed: () => {
      announce.change();
    },
    applied: new Promise<void>((resolve) => {
      announce.first = resolve;
    }),
    onChange: (listener) => {
      announce.change = listener;
    },
  };
}

interface Observers {
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

function createObserver(
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

function createPacketLog(clock: Clock, view: () => Pick<LoopView, 'interfaces'>): PacketLog {
  const interfaceName = (wanted: number): string =>
    view().interfaces.find(({ index }) => index === wanted)?.name ?? `interface ${wanted}`;
  return createNflogPacketLog({ clock, interfaceName });
}

function startControl(
  { runDir, control: { group } }: LocalConfig,
  { clock, logger }: AgentPorts,
  inputs: ControlInputs,
): ControlServer {
  const handler = createControlHandler(inputs);
  return startControlServer({ path: join(runDir, SOCKET_NAME), group }, { handler, clock, logger });
}

function faultOf(
  code: string,
  message: string | null,
): readonly { readonly code: string; readonly message: string }[] {
  return message === null ? [] : [{ code, message }];
}

function gateOf({ datastore }: LocalConfig, trusted: TrustedCluster): DecideGate {
  return (clusterInformation) =>
    datastoreGate({ datastoreType: datastore.kind, clusterInformation, trustedGUID: trusted.guid });
}
