import type { Conntrack } from '../conntrack/conntrack.ts';
import type { Packet } from '../explain/explain.ts';
import type { FlowWays } from './flow-ways.ts';

/** Flows that this host knows, as the packets that would begin them now. */
export interface LiveConnections {
  readonly packets: readonly Packet[];
  /** Flows of which the interfaces are not known, and those beyond the limit. */
  readonly notLookedAt: number;
}

// What a busy host has; a proxy with more is answered in part rather than late.
const MOST = 20_000;

/** Reads connection tracking. Rejects with HostError. */
export async function liveConnections(
  conntrack: Pick<Conntrack, 'list'>,
  ways: Pick<FlowWays, 'packetsOf'>,
): Promise<LiveConnections> {
  const flows = await conntrack.list();
  const packets: Packet[] = [];
  for (const flow of flows.slice(0, MOST)) {
    const [packet] = await ways.packetsOf(flow);
    if (packet !== undefined) packets.push(packet);
  }
  return { packets, notLookedAt: flows.length - packets.length };
}
