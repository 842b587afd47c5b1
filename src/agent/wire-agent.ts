import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { LocalConfig } from '../config/local-config.ts';
import type { ControlServer } from '../control/server.ts';
import { createHost } from '../host/create-host.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import { createOptimiser } from '../optimise/optimise.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import type { AgentPorts } from './agent-ports.ts';
import { createAnnounce } from './announce.ts';
import type { Announced } from './announce.ts';
import type { BootReport } from './boot-report.ts';
import { startControl } from './create-control.ts';
import { createDeniedFlows, createPacketLog } from './create-flows.ts';
import { createGate } from './create-gate.ts';
import { createObserver } from './create-observer.ts';
import { createRollback } from './create-rollback.ts';
import { createSettings } from './create-settings.ts';
import { createTable } from './create-table.ts';
import type { DeniedFlows } from './denied-flows.ts';
import type { Flushed } from './flushed.ts';
import { History } from './history.ts';
import { keepDatastore } from './kept-datastore.ts';
import type { KeptDatastore } from './kept-datastore.ts';
import { LastGood } from './last-good.ts';
import { createLiveCutting } from './live-cutting.ts';
import type { LiveCutting } from './live-cutting.ts';
import { Loop } from './loop.ts';
import type { MemoryKeeper } from './memory-keeper.ts';
import { createReporting } from './reporting.ts';
import type { Reporting } from './reporting.ts';
import type { RollbackFile, SavedRollback } from './rollback-file.ts';
import type { Rollback } from './rollback.ts';
import { Services } from './services.ts';
import type { SettingsResolver } from './settings-resolver.ts';
import { StagedWatch } from './staged-watch.ts';
import type { StatusKeeper } from './status-keeper.ts';
import type { TrustedCluster } from './trusted-cluster.ts';
import { TurnWaiter } from './turn-waiter.ts';

/** What was there before the parts. */
export interface Opened {
  readonly nftables: Nftables;
  readonly trusted: TrustedCluster;
  readonly boot: BootReport;
  readonly flushed: Flushed;
  readonly file: RollbackFile;
  readonly saved: SavedRollback;
  readonly memory: MemoryKeeper;
}

/** Everything that the daemon consists of. */
export interface Parts extends Pick<Announced, 'applied' | 'onChange'> {
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
}

/** Puts them together. They know each other through functions, so that none has to be there before the others. */
export function wire(config: LocalConfig, ports: AgentPorts, opened: Opened): Parts {
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
  const gate = createGate(config, trusted, () => rollback);
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

function faultOf(
  code: string,
  message: string | null,
): readonly { readonly code: string; readonly message: string }[] {
  return message === null ? [] : [{ code, message }];
}
