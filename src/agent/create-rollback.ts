import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { LocalConfig } from '../config/local-config.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import { listTcpSessions } from '../host/tcp-sessions.ts';
import type { TcpSession } from '../host/tcp-sessions.ts';
import { isDatastoreReachable } from './datastore-probe.ts';
import type { KeptDatastore } from './kept-datastore.ts';
import type { LastGood } from './last-good.ts';
import type { Loop } from './loop.ts';
import { policyInForce } from './policy-in-force.ts';
import { refusedSessions } from './refused-sessions.ts';
import { Rollback } from './rollback.ts';
import type { RollbackPorts } from './rollback.ts';
import type { RollbackFile, SavedRollback } from './rollback-file.ts';
import type { StatusKeeper } from './status-keeper.ts';

/** Who takes part in a rollback. Functions are not called before the first turn. */
export interface RollbackInputs extends Pick<RollbackPorts, 'clock' | 'logger' | 'changed'> {
  readonly file: RollbackFile;
  readonly saved: SavedRollback;
  readonly lastGood: LastGood;
  readonly conntrack: Pick<Conntrack, 'list'>;
  readonly loop: () => Pick<Loop, 'rewrite' | 'view'>;
  readonly keeper: Pick<StatusKeeper, 'lastTurn'>;
  readonly dataplane: () => DataplaneSettings | null;
  readonly kept: Pick<KeptDatastore, 'stage'>;
}

/** Creates it for this configuration. */
export function createRollback(config: LocalConfig, inputs: RollbackInputs): Rollback {
  const { datastore, rollback } = config;
  const { lastGood, loop, saved } = inputs;
  const ports: RollbackPorts = {
    ...inputs,
    settings: { ...rollback, withinMs: rollback.within * 1000 },
    stage: inputs.kept.stage,
    programmed: () => lastGood.programmed(),
    isDatastoreReachable:
      datastore.kind === 'etcdv3' ? () => isDatastoreReachable(datastore.endpoints) : null,
    refusedSessions: () => refusedHere(rollback.sshPort, inputs),
    rewrite: () => {
      loop().rewrite();
    },
    settled: () => {
      lastGood.settled();
    },
  };
  return new Rollback(ports, saved);
}

async function refusedHere(port: number, inputs: RollbackInputs): Promise<readonly string[]> {
  const sessions = await listTcpSessions(port);
  if (sessions.length === 0) return [];
  const flows = await inputs.conntrack.list();
  const turn = inputs.keeper.lastTurn;
  const programmed = inputs.lastGood.programmed();
  const settings = inputs.dataplane();
  if (turn === null || programmed === null || settings === null) return [];
  const policy = policyInForce(turn.resolution.policy, programmed.sets);
  const { interfaces } = inputs.loop().view;
  return refusedSessions(sessions, { policy, settings, interfaces, flows }).map(sessionText);
}

function sessionText({ local, localPort, remote, remotePort }: TcpSession): string {
  return `${remote} port ${remotePort} to ${local} port ${localPort}`;
}
