import type { Logger } from '../base/logger.ts';
import { openNetlink } from '../netlink/netlink-socket.ts';
import type { NetlinkSocket } from '../netlink/netlink-socket.ts';
import { NETLINK_NETFILTER, NFNLGRP_NFTABLES, readTableEvents } from './nf-tables-events.ts';
import type { TableEvent } from './nf-tables-events.ts';
import type { ForeignChange } from './nftables.ts';

// Room for the notifications of our own transaction with some 300,000 elements. Used only while full.
const RECEIVE_BUFFER_BYTES = 128 * 1024 * 1024;

/** Tells its listeners about changes of our table that came from other netlink ports than ours. */
export class TableWatch {
  readonly #isOwnPort: (portId: number) => boolean;
  readonly #logger: Logger;
  readonly #listeners = new Set<(change: ForeignChange) => void>();
  readonly #pending = new PendingChanges();
  #socket: NetlinkSocket | null = null;
  #closed = false;

  constructor(isOwnPort: (portId: number) => boolean, logger: Logger) {
    this.#isOwnPort = isOwnPort;
    this.#logger = logger;
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

  /** Starts listening unless it does already. Never rejects: without it changes are found at the next resync. */
  async open(): Promise<void> {
    if (this.#socket !== null || this.#closed) return;
    try {
      const socket = await openNetlink({
        protocol: NETLINK_NETFILTER,
        groups: [NFNLGRP_NFTABLES],
        receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      });
      socket.onMessages((datagram) => {
        this.#hear(readTableEvents(datagram, this.#isOwnPort));
      });
      socket.onOverrun(() => {
        this.#tell({ what: 'notifications were lost: the table may have changed', process: null });
      });
      this.#socket = socket;
    } catch (error) {
      this.#logger.warn(
        { err: error },
        'cannot listen for changes of nftables; changes by others are found at the next resync only',
      );
    }
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#socket?.close();
    this.#socket = null;
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
