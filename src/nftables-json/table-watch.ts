import type { Clock } from '../base/clock.ts';
import { HostError, toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { openNetlink } from '../netlink/netlink-socket.ts';
import type { NetlinkSocket, UnwantedMessages } from '../netlink/netlink-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import { generationOf } from './generation.ts';
import {
  generationAfter,
  lastGeneration,
  NEW_GENERATION,
  NFNLGRP_NFTABLES,
  readTableEvents,
} from './nf-tables-events.ts';
import type { TableEvent } from './nf-tables-events.ts';
import type { ForeignChange, WatchState } from './nftables.ts';
import { PendingChanges } from './pending-changes.ts';

// Room for the notifications of a transaction with some 300,000 elements that nft carried out. Used only while full.
const RECEIVE_BUFFER_BYTES = 128 * 1024 * 1024;

// The kernel answers with a new generation a little before it tells of it.
const NOTICE_MS = 200;

// Where others often change something, finding out what they did costs more than hearing of it.
const ATTENTIVE_MS = 600_000;

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
  #attentiveUntil = -Infinity;
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
        this.#lose('notifications were lost: the table may have changed');
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

  /**
   * Ceases to hear for one transaction of our own: as long as anybody hears, the kernel writes a notification of each element,
   * which takes it several times as long as the elements themselves. Answers the generation in force, for `resume`;
   * null where we go on hearing, since we cannot cease to, or something went unheard not long ago.
   */
  async pause(): Promise<number | null> {
    const socket = this.#socket;
    if (socket === null || this.#ports.clock.monotonic() < this.#attentiveUntil) return null;
    try {
      socket.leave(NFNLGRP_NFTABLES);
    } catch {
      // Slower, but rules must not wait for it.
      return null;
    }
    const generation = await askGeneration(socket);
    // How a transaction ended of which only the beginning was heard nobody tells any more.
    this.#pending.clear();
    if (generation === null) this.#hearAgain(socket);
    if (generation === null || !this.#hasHeard(generation)) this.#missed(generation);
    return generation;
  }

  /** Hears again, and tells unless our own transaction, if it was committed, is all that came after `generation`. */
  async resume(generation: number, isCommitted: boolean): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    this.#hearAgain(socket);
    const expected = isCommitted ? generationAfter(generation) : generation;
    const present = await askGeneration(socket);
    if (present === expected) this.#know(present);
    else this.#missed(present);
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#socket?.close();
    this.#socket = null;
  }

  #hearAgain(socket: NetlinkSocket): void {
    try {
      socket.join(NFNLGRP_NFTABLES);
    } catch (error) {
      this.#giveUp(toError(error).message);
    }
  }

  // Null: nobody knows which is in force.
  #missed(generation: number | null): void {
    if (generation !== null) this.#know(generation);
    this.#lose('changes of nftables went unheard');
  }

  #lose(what: string): void {
    this.#attentiveUntil = this.#ports.clock.monotonic() + ATTENTIVE_MS;
    this.#tell({ what, process: null });
  }

  // What came behind the answer may have been heard of before it was looked at.
  #know(generation: number): void {
    if (!this.#hasHeard(generation)) this.#heard = generation;
  }

  #unwanted(): UnwantedMessages | null {
    const { batchPort } = this.#ports;
    return batchPort === null ? null : { portId: batchPort, exceptType: NEW_GENERATION };
  }

  // Generations are numbers of 32 bits that start again when they are used up.
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

// Null: the kernel does not say.
async function askGeneration(socket: NetlinkSocket): Promise<number | null> {
  try {
    return await generationOf(socket);
  } catch {
    return null;
  }
}
