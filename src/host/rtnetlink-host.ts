import type { Cancel, Clock } from '../base/clock.ts';
import { HostError, toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { NLM_F, parseMessages } from '../netlink/message.ts';
import type { NetlinkMessage } from '../netlink/message.ts';
import { openNetlink } from '../netlink/netlink-socket.ts';
import type { NetlinkSocket } from '../netlink/netlink-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import { EarliestTimer } from './earliest-timer.ts';
import type { Host, InterfacesListener } from './host.ts';
import { InterfaceModel } from './interface-model.ts';
import type { Effect } from './interface-model.ts';
import { InventoryPublisher } from './inventory-publisher.ts';
import {
  AF,
  decodeRtnetlink,
  linkDumpRequest,
  localRouteDumpRequest,
  RTM,
  RTNLGRP,
} from './rtnetlink-message.ts';

/** What a Host needs from its surroundings. */
export interface HostPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tuning of a Host; the defaults are Felix's. */
export interface HostOptions {
  /** Time between two full listings, milliseconds (Felix: InterfaceRefreshInterval, 90 s). */
  readonly refreshMs?: number;
}

/** Felix's InterfaceRefreshInterval. */
export const DEFAULT_REFRESH_MS = 90_000;
/** Events this close together make one delivery. */
export const COALESCE_MS = 10;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 1000;

/**
 * A Host that hears of changes through rtnetlink. `start` rejects with HostError when no netlink socket can be had
 * (`netlink-unavailable`: koffi or the C library) or the kernel refuses the first listing. `open` is there for tests.
 */
export function createRtnetlinkHost(
  ports: HostPorts,
  options: HostOptions = {},
  open: typeof openNetlink = openNetlink,
): Host {
  return new RtnetlinkHost(ports, options.refreshMs ?? DEFAULT_REFRESH_MS, open);
}

class RtnetlinkHost implements Host {
  readonly #ports: HostPorts;
  readonly #refreshMs: number;
  readonly #open: typeof openNetlink;
  #model = new InterfaceModel();
  #socket: NetlinkSocket | undefined;
  #publisher: InventoryPublisher | undefined;
  /** Events that arrive during a listing: they may be newer than it. */
  #replay: Buffer[] | undefined;
  /** The model must be listed afresh before the next delivery. */
  #stale = true;
  #closed = false;
  readonly #updateTimer: EarliestTimer;
  #cancelRefresh: Cancel = () => undefined;

  constructor(ports: HostPorts, refreshMs: number, open: typeof openNetlink) {
    this.#ports = ports;
    this.#refreshMs = refreshMs;
    this.#open = open;
    this.#updateTimer = new EarliestTimer(ports.clock, () => {
      void this.#update();
    });
  }

  async start(listener: InterfacesListener): Promise<void> {
    const socket = await this.#open({
      protocol: NETLINK.route,
      groups: [RTNLGRP.link, RTNLGRP.ipv4Route, RTNLGRP.ipv6Route],
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      strictDumps: true,
    });
    this.#socket = socket;
    try {
      this.#assertOpen();
      this.#publisher = new InventoryPublisher(this.#ports.clock, listener);
      socket.onMessages((datagram) => {
        this.#hear(datagram);
      });
      socket.onOverrun(() => {
        this.#ports.logger.info({}, 'The kernel dropped interface events; listing all interfaces');
        this.#stale = true;
        this.#updateTimer.within(COALESCE_MS);
      });
      await this.#list(socket);
      this.#assertOpen();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#deliver(COALESCE_MS);
    this.#scheduleRefresh();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#updateTimer.cancel();
    this.#cancelRefresh();
    this.#publisher?.close();
    this.#socket?.close();
    return Promise.resolve();
  }

  #assertOpen(): void {
    if (this.#closed) throw new HostError('host-closed', 'The host was closed while starting');
  }

  #hear(datagram: Buffer): void {
    if (this.#replay !== undefined) {
      this.#replay.push(datagram);
      return;
    }
    const effect = applyAll(this.#model, parseMessages(datagram));
    if (effect === 'uncertain') this.#stale = true;
    if (effect !== 'none') this.#updateTimer.within(COALESCE_MS);
  }

  #scheduleRefresh(): void {
    this.#cancelRefresh = this.#ports.clock.after(this.#refreshMs, () => {
      this.#stale = true;
      this.#updateTimer.within(0);
      this.#scheduleRefresh();
    });
  }

  /** Runs one at a time: while it lists, events are kept for replay and schedule nothing. */
  async #update(): Promise<void> {
    // A listing is under way; it will publish.
    if (this.#replay !== undefined) return;
    let retryMs = COALESCE_MS;
    try {
      if (this.#socket !== undefined && this.#stale) await this.#list(this.#socket);
    } catch (error) {
      if (this.#closed) return;
      retryMs = RETRY_MS;
      const fields = { error: toError(error).message, retryMs };
      this.#ports.logger.warn(fields, 'Listing the interfaces failed; trying again');
    }
    if (!this.#closed) this.#deliver(retryMs);
  }

  #deliver(retryMs: number): void {
    this.#publisher?.publish(this.#model.inventory());
    // An overrun or an uncertain event during the listing, or a listing that failed.
    if (this.#stale) this.#updateTimer.within(retryMs);
  }

  async #list(socket: NetlinkSocket): Promise<void> {
    const replay: Buffer[] = [];
    this.#replay = replay;
    this.#stale = false;
    let model = this.#model;
    try {
      const listed = await listInterfaces(socket);
      model = new InterfaceModel();
      applyAll(model, listed);
    } catch (error) {
      this.#stale = true;
      throw error;
    } finally {
      this.#model = model;
      this.#replay = undefined;
      for (const datagram of replay) this.#hear(datagram);
    }
  }
}

async function listInterfaces(socket: NetlinkSocket): Promise<readonly NetlinkMessage[]> {
  const links = await socket.request(RTM.getLink, NLM_F.dump, linkDumpRequest());
  const ipv4 = await listLocalRoutes(socket, AF.inet);
  const ipv6 = await listLocalRoutes(socket, AF.inet6);
  return [...links, ...ipv4, ...ipv6];
}

async function listLocalRoutes(
  socket: NetlinkSocket,
  family: number,
): Promise<readonly NetlinkMessage[]> {
  try {
    return await socket.request(RTM.getRoute, NLM_F.dump, localRouteDumpRequest(family));
  } catch (error) {
    // The table comes into being with its first route.
    if (error instanceof HostError && error.code === 'ENOENT') return [];
    throw error;
  }
}

function applyAll(model: InterfaceModel, messages: readonly NetlinkMessage[]): Effect {
  let effect: Effect = 'none';
  for (const message of messages) {
    const event = decodeRtnetlink(message);
    const one = event === null ? 'none' : model.apply(event);
    if (one === 'uncertain' || effect === 'none') effect = one;
  }
  return effect;
}
