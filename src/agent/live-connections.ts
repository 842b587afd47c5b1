import type { Conntrack, Flow } from '../conntrack/conntrack.ts';
import type { NetworkInterface } from '../host/host.ts';
import type { Packet } from '../explain/explain.ts';

/** Flows that end at this host, as the packets that would begin them now. */
export interface LiveConnections {
  readonly packets: readonly Packet[];
  /** Routed flows (connection tracking does not say which interfaces they pass) and those beyond the limit. */
  readonly notLookedAt: number;
}

// What a busy host has; a proxy with more is answered in part rather than late.
const MOST = 20_000;

/** Reads connection tracking. Rejects with HostError. */
export async function liveConnections(
  conntrack: Pick<Conntrack, 'list'>,
  interfaces: readonly NetworkInterface[],
): Promise<LiveConnections> {
  const owners = new Map<string, string>();
  for (const { name, addresses } of interfaces)
    for (const address of addresses) if (!owners.has(address)) owners.set(address, name);
  const flows = await conntrack.list();
  const packets: Packet[] = [];
  for (const flow of flows) {
    const packet = packets.length < MOST ? packetOf(flow, owners) : null;
    if (packet !== null) packets.push(packet);
  }
  return { packets, notLookedAt: flows.length - packets.length };
}

/** The first packet of a flow of this host; null for routed ones. */
export function packetOf(flow: Flow, owners: ReadonlyMap<string, string>): Packet | null {
  const { original, reply, family, protocol } = flow;
  // Where it went in the end, whatever it was sent to.
  const way = wayOf(owners.get(original.source), owners.get(reply.source));
  if (way === null) return null;
  return {
    ...way,
    oifnameAfterDnat: null,
    family,
    source: original.source,
    destination: original.destination,
    protocol,
    sourcePort: original.sourcePort,
    destinationPort: original.destinationPort,
    icmpType: original.icmp?.type ?? null,
    icmpCode: original.icmp?.code ?? null,
    hopLimit: 64,
    mark: 0,
    conntrack: 'new',
    dnat: translationOf(flow),
  };
}

// Connection tracking does not know interfaces: a flow is taken to use the one that has its local address.
function wayOf(
  from: string | undefined,
  to: string | undefined,
): Pick<Packet, 'path' | 'iifname' | 'oifname'> | null {
  if (from !== undefined && to !== undefined)
    return { path: 'loopback', iifname: 'lo', oifname: 'lo' };
  if (to !== undefined) return { path: 'input', iifname: to, oifname: '' };
  if (from !== undefined) return { path: 'output', iifname: '', oifname: from };
  return null;
}

function translationOf({ original, reply }: Flow): Packet['dnat'] {
  const isTranslated =
    reply.source !== original.destination || reply.sourcePort !== original.destinationPort;
  return isTranslated ? { destination: reply.source, destinationPort: reply.sourcePort } : null;
}
