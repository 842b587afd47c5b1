import type { LocalConfig } from '../config/local-config.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import { createServiceNotifier } from '../status/systemd-notify.ts';
import type { AgentPorts } from './agent-ports.ts';
import { readBootReport } from './boot-report.ts';
import { changedKeys } from './changed-keys.ts';
import { Flushed } from './flushed.ts';
import { MemoryKeeper } from './memory-keeper.ts';
import { openNftables } from './open-nftables.ts';
import { createProcessMemory } from './process-memory.ts';
import { RollbackFile } from './rollback-file.ts';
import { SystemdReporter } from './systemd-reporter.ts';
import { TrustedCluster } from './trusted-cluster.ts';
import { wire } from './wire-agent.ts';

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
