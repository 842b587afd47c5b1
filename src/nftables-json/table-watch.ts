import type { Clock } from '../base/clock.ts';
import { HostError, toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { openNetlink } from '../netlink/netlink-socket.ts';
import type { NetlinkSocket, UnwantedMessages } from '../netlink/netlink-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import {
  GENERATION_REQUEST,
  GET_GENERATION,
  lastGeneration,
  NEW_GENERATION,
  NFNLGRP_NFTABLES,
  readGeneration,
  readTableEvents,
} from './nf-tables-events.ts';
import type { TableEvent } from './nf-tables-events.ts';
import type { ForeignChange, WatchState } from './nftables.ts';

// Room for the notifications of a transaction with some 300,000 elements that nft carried out. Used only while full.
const RECEIVE_BUFFER_BYTES = 128 * 1024 * 1024;

// The kernel answers with a new generation a little before it tells of it.
const NOTICE_MS = 200;

/** What the watch needs from outside. */
export interface TableWatchPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The port of our own batches, whose changes need not be told: nobody would look at them. Null: there is none. */
  readonly batchPort: number | null;
  isOwnPort(portId: number): boolean;
}

/** Tells its listeners about changes of our table that came from other netlink ports than ours. */
export class TableWatch {
  readonly #ports: TableWatchPorts;
  readonly #listeners = new Set<(change: ForeignChange) => void>();
  readonly #pending = new PendingChanges();
  #socket: NetlinkSocket | null = null;
  // The last generation that we heard of; null before the first.
  #heard: number | null = null;
  #complaint = '';
  #closed = false;

  constructor(ports: TableWatchPorts) {
    this.#ports = ports;
  }

  add(listener: (change: ForeignChange) => void): () => void {
    const entry = (change: ForeignChange): void => {
      listener(change);
    };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Starts listening unless it does already. Never rejects: `verify` tells that it could not, and tries again. */
  async open(): Promise<void> {
    if (this.#socket !== null || this.#closed) return;
    try {
      const socket = await openNetlink({
        protocol: NETLINK.netfilter,
        groups: [NFNLGRP_NFTABLES],
        receiveBufferBytes: RECEIVE_BUFFER_BYTES,
        unwanted: this.#unwanted(),
      });
      socket.onMessages((datagram) => {
        this.#heard = lastGeneration(datagram) ?? this.#heard;
        this.#hear(readTableEvents(datagram, (portId) => this.#ports.isOwnPort(portId)));
      });
      socket.onOverrun(() => {
        this.#tell({ what: 'notifications were lost: the table may have changed', process: null });
      });
      this.#socket = socket;
      const generation = await generationOf(socket);
      this.#heard ??= generation;
    } catch (error) {
      this.#giveUp(toError(error).message);
    }
  }

  /**
   * Whether each generation up to the present one was heard of. `missed` is answered once for all that was
   * missed. Must not be called while a transaction of our own is under way.
   */
  async verify(): Promise<WatchState> {
    const wasOpen = this.#socket !== null;
    await this.open();
    const socket = this.#socket;
    if (socket === null) return 'unwatched';
    // Whatever happened before we listened went unheard.
    if (!wasOpen) return 'missed';
    try {
      const generation = await generationOf(socket);
      if (this.#hasHeard(generation)) return 'heard';
      await this.#notice();
      if (this.#hasHeard(generation)) return 'heard';
      this.#heard = generation;
      return 'missed';
    } catch (error) {
      // The answer was lost together with notifications.
      if (error instanceof HostError && error.code === 'ENOBUFS') return 'missed';
      this.#giveUp(toError(error).message);
      return 'unwatched';
    }
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#socket?.close();
    this.#socket = null;
  }

  #unwanted(): UnwantedMessages | null {
    const { batchPort } = this.#ports;
    return batchPort === null ? null : { portId: batchPort, exceptType: NEW_GENERATION };
  }

  // Generations are numbers of 32 bits that start again at zero.
  #hasHeard(generation: number): boolean {
    return this.#heard !== null && ((this.#heard - generation) | 0) >= 0;
  }

  #notice(): Promise<void> {
    return new Promise((resolve) => {
      this.#ports.clock.after(NOTICE_MS, resolve);
    });
  }

  #giveUp(reason: string): void {
    this.#socket?.close();
    this.#socket = null;
    this.#heard = null;
    if (this.#closed || reason === this.#complaint) return;
    this.#complaint = reason;
    this.#ports.logger.warn(
      { reason },
      'cannot listen for changes of nftables: the table is written again every minute instead',
    );
  }

  #hear(events: readonly TableEvent[]): void {
    for (const event of events) {
      const change = this.#pending.take(event);
      if (change !== null) this.#tell(change);
    }
  }

  #tell(change: ForeignChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

async function generationOf(socket: NetlinkSocket): Promise<number> {
  const answer = await socket.request(GET_GENERATION, 0, GENERATION_REQUEST);
  const generation = answer.map(readGeneration).find((one) => one !== null) ?? null;
  if (generation === null) throw new HostError('netlink', 'the kernel tells no generation');
  return generation;
}

/** Collects the changes of one transaction until its end says who made it. */
export class PendingChanges {
  #first: string | null = null;
  #others = 0;

  /** The change that this event completes, or null. */
  take(event: TableEvent): ForeignChange | null {
    if (event.kind === 'change') {
      // That the table came or went says more than what it took along.
      if (this.#first === null || event.what.startsWith('table ')) {
        if (this.#first !== null) this.#others++;
        this.#first = event.what;
      } else {
        this.#others++;
      }
      return null;
    }
    if (this.#first === null) return null;
    const more = this.#others === 0 ? '' : ` and ${this.#others} more`;
    const change = { what: `${this.#first}${more}`, process: event.process };
    this.#first = null;
    this.#others = 0;
    return change;
  }
}
