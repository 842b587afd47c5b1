import type { Flow } from '../conntrack/conntrack.ts';
import type { NetworkInterface } from '../host/host.ts';
import type { Route, Routes } from '../host/routes.ts';
import type { Packet } from '../explain/explain.ts';

type Way = Pick<Packet, 'path' | 'iifname' | 'oifname' | 'oifnameAfterDnat'>;

const LOOPBACK: Way = { path: 'loopback', iifname: 'lo', oifname: 'lo', oifnameAfterDnat: null };
const LINK_LOCAL = /^fe[89ab]/;

/**
 * Finds out which interfaces flows pass. Connection tracking does not know: what leaves goes where the routing table
 * says, and what arrives is taken to come from where answers go to. Routes are remembered: use it for one look.
 */
export class FlowWays {
  readonly #routes: Pick<Routes, 'to'>;
  readonly #owners = new Map<string, string>();
  readonly #names: ReadonlyMap<number, string>;
  readonly #known = new Map<string, Promise<Route | null>>();

  constructor(interfaces: readonly NetworkInterface[], routes: Pick<Routes, 'to'>) {
    this.#routes = routes;
    this.#names = new Map(interfaces.map(({ index, name }) => [index, name]));
    for (const { name, addresses } of interfaces)
      for (const address of addresses)
        if (!this.#owners.has(address)) this.#owners.set(address, name);
  }

  /**
   * The first packet of a flow, once for each way on which it may have come; empty when none is known. Rejects with
   * HostError.
   */
  async packetsOf(flow: Flow): Promise<readonly Packet[]> {
    const ways = await this.#waysOf(flow);
    return ways.map((way) => firstPacket(flow, way));
  }

  #waysOf(flow: Flow): Promise<readonly Way[]> {
    const from = this.#owners.get(flow.original.source);
    // Where it went in the end, whatever it was sent to.
    const to = this.#owners.get(flow.reply.source);
    if (from !== undefined && to !== undefined) return Promise.resolve([LOOPBACK]);
    if (to !== undefined) return this.#inputWays(flow, to);
    if (from !== undefined) return this.#outputWays(flow, from);
    return this.#forwardWays(flow);
  }

  async #inputWays({ family, original, reply }: Flow, owner: string): Promise<readonly Way[]> {
    const back = await this.#interfaceTo(family, original.source, reply.source, owner);
    if (back === null) return [];
    if (back === 'lo') return [LOOPBACK];
    // Without strict rp_filter it may have come by the interface that has the address.
    const names = owner === 'lo' ? [back] : new Set([back, owner]);
    return Array.from(names, (iifname) => ({
      ...{ path: 'input', iifname, oifname: '', oifnameAfterDnat: null },
    }));
  }

  async #outputWays(flow: Flow, owner: string): Promise<readonly Way[]> {
    const { family, original, reply } = flow;
    const oifname = await this.#interfaceTo(family, original.destination, original.source, owner);
    const last = isTranslated(flow)
      ? await this.#interfaceTo(family, reply.source, original.source, owner)
      : oifname;
    if (last === null) return [];
    if (last === 'lo') return [LOOPBACK];
    // What it was sent to need not be routable; policy asks after the translation only.
    const first = oifname ?? last;
    const oifnameAfterDnat = last === first ? null : last;
    return [{ path: 'output', iifname: '', oifname: first, oifnameAfterDnat }];
  }

  async #forwardWays({ family, original, reply, zone }: Flow): Promise<readonly Way[]> {
    // Zones hold what virtual switches track beside the hooks of this host.
    if (zone !== 0) return [];
    const iifname = await this.#unicastTo(family, original.source);
    const oifname = await this.#unicastTo(family, reply.source);
    if (iifname === null || oifname === null) return [];
    return [{ path: 'forward', iifname, oifname, oifnameAfterDnat: null }];
  }

  async #interfaceTo(
    family: 4 | 6,
    remote: string,
    local: string,
    owner: string,
  ): Promise<string | null> {
    // Every interface has a route to link-local addresses.
    if (family === 6 && LINK_LOCAL.test(remote)) return LINK_LOCAL.test(local) ? owner : null;
    const route = await this.#route(family, remote, local);
    return route === null ? null : (this.#names.get(route.index) ?? null);
  }

  async #unicastTo(family: 4 | 6, remote: string): Promise<string | null> {
    const route = await this.#route(family, remote, null);
    return route?.isUnicast === true ? (this.#names.get(route.index) ?? null) : null;
  }

  #route(family: 4 | 6, destination: string, source: string | null): Promise<Route | null> {
    const key = `${destination} ${source ?? ''}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#routes.to(family, destination, source);
    this.#known.set(key, asked);
    return asked;
  }
}

function firstPacket(flow: Flow, way: Way): Packet {
  const { original, reply, family, protocol } = flow;
  return {
    ...way,
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
    dnat: isTranslated(flow)
      ? { destination: reply.source, destinationPort: reply.sourcePort }
      : null,
  };
}

function isTranslated({ original, reply }: Flow): boolean {
  return reply.source !== original.destination || reply.sourcePort !== original.destinationPort;
}
