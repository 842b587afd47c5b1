import type { Clock } from '../base/clock.ts';
import { createNflogPacketLog } from '../nflog/nflog-packet-log.ts';
import type { PacketLog } from '../nflog/packet-log.ts';
import type { AgentPorts } from './agent-ports.ts';
import type { ControlInputs } from './control-inputs.ts';
import { DeniedFlows } from './denied-flows.ts';
import type { Loop } from './loop.ts';
import type { LoopView } from './loop-view.ts';

/** What denied flows are told by. Functions are not called before the first turn. */
export interface FlowsAbout extends Pick<ControlInputs, 'keeper' | 'dataplane'> {
  readonly packetLog: PacketLog;
  readonly loop: () => Pick<Loop, 'reconfigure'>;
}

/** Opens nothing before it is wanted. */
export function createDeniedFlows(
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

/** Packets that rules log, with the names of this host's interfaces. */
export function createPacketLog(clock: Clock, view: () => Pick<LoopView, 'interfaces'>): PacketLog {
  const interfaceName = (wanted: number): string =>
    view().interfaces.find(({ index }) => index === wanted)?.name ?? `interface ${wanted}`;
  return createNflogPacketLog({ clock, interfaceName });
}
