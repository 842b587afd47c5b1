import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { ConnectionsAnswer } from '../control/wire.ts';
import { explainPacket } from '../explain/explain.ts';
import { inForce, settingsInForce } from './control-in-force.ts';
import type { ControlInputs } from './control-inputs.ts';
import { FlowWays } from './flow-ways.ts';
import { liveConnections } from './live-connections.ts';

// So many packets are judged before others get their turn.
const JUDGED_AT_ONCE = 200;

/** The live connections, each with what the policy in force says of it. Rejects with ControlError. */
export async function connections(inputs: ControlInputs): Promise<ConnectionsAnswer> {
  const { policy } = inForce(inputs);
  const settings = settingsInForce(inputs);
  const isObserving = settings.enforcement === 'observe';
  const enforced: DataplaneSettings = { ...settings, enforcement: 'enforce' };
  const live = await liveConnections(
    inputs.conntrack,
    new FlowWays(inputs.loop.view.interfaces, inputs.routes),
  );
  const judged: ConnectionsAnswer['connections'][number][] = [];
  for (const [i, packet] of live.packets.entries()) {
    if (i % JUDGED_AT_ONCE === 0) await nextTurn();
    const { verdict } = explainPacket({ policy, settings, packet });
    const enforcing = isObserving ? explainPacket({ policy, settings: enforced, packet }) : null;
    judged.push({ packet: { ...packet }, verdict, enforcing: enforcing?.verdict ?? verdict });
  }
  return { connections: judged, notLookedAt: live.notLookedAt };
}
