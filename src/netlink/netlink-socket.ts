import { setImmediate as nextTurn } from 'node:timers/promises';
import { HostError } from '../base/errors.ts';
import { readAnswer } from './answer.ts';
import { errnoError } from './errno.ts';
import { loadLibc } from './libc.ts';
import type { Libc, SenderBuffer, Watch } from './libc.ts';
import { encodeMessage, NLM_F, parseMessages } from './message.ts';
import type { NetlinkMessage } from './message.ts';
import {
  ADDRESS_LENGTH,
  joinGroup,
  leaveGroup,
  netlinkAddress,
  openSocket,
  uint32,
} from './socket-setup.ts';
import type { NetlinkOptions } from './socket-setup.ts';

export type { NetlinkMessage } from './message.ts';
export type { UnwantedMessages } from './port-filter.ts';
export type { NetlinkOptions } from './socket-setup.ts';

/** A netlink socket of the network namespace in which it was opened. Keeps the process alive until closed. */
export interface NetlinkSocket {
  /** Hears every datagram that is not the answer to a request: multicast events, in the kernel's order. */
  onMessages(listener: (datagram: Buffer) => void): void;
  /** Called after the kernel dropped events for want of room (ENOBUFS): read the whole state again. */
  onOverrun(listener: () => void): void;
  /**
   * Sends one request and resolves with its answer: every part of a dump (`flags` with NLM_F_DUMP), or what
   * precedes the acknowledgement. Interrupted dumps are made again. Rejects with HostError, `code` the errno's
   * name, such as `EPERM`. Requests of one socket run one after another.
   */
  request(type: number, flags: number, payload: Buffer): Promise<readonly NetlinkMessage[]>;
  /** Hears another multicast group from now on. Throws HostError. */
  join(group: number): void;
  /** Hears it no more; what it told before is delivered before the answer to the next request. Throws HostError. */
  leave(group: number): void;
  readonly portId: number;
  /** Releases everything; requests under way reject. */
  close(): void;
}

const MSG_TRUNC = 0x20;
const EINTR = 4;
const EAGAIN = 11;

// The kernel caps dump datagrams at 32 KiB; single events (a NIC with hundreds of virtual functions) may be longer.
const LARGEST_DATAGRAM = 512 * 1024;
// After this many datagrams (5 ms of parsing, if they are full) the loop gets a turn; the watch calls again.
const DATAGRAMS_PER_TURN = 16;
const DUMP_ATTEMPTS = 8;

// Untouched pages of it cost nothing, and all sockets of a thread can share it: reads are synchronous.
const receiveBuffer = Buffer.allocUnsafeSlow(LARGEST_DATAGRAM);

// koffi stops a watch whose handle is garbage-collected: open sockets must stay reachable.
const openSockets = new Set<LibcNetlinkSocket>();

/**
 * Opens a netlink socket through the C library. Rejects with HostError: `netlink-unavailable` when koffi or the
 * C library cannot be loaded, otherwise the errno's name.
 */
export async function openNetlink(options: NetlinkOptions): Promise<NetlinkSocket> {
  const libc = await loadLibc();
  const { fd, portId } = openSocket(libc, options, 0);
  return new LibcNetlinkSocket(libc, fd, portId);
}

/** A request whose answer has not ended. */
interface Pending {
  readonly type: number;
  readonly isDump: boolean;
  readonly sequence: number;
  readonly parts: NetlinkMessage[];
  interrupted: boolean;
  settle(outcome: Outcome): void;
}

type Outcome =
  | { readonly kind: 'answered'; readonly parts: readonly NetlinkMessage[] }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly error: HostError };

class LibcNetlinkSocket implements NetlinkSocket {
  readonly portId: number;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #watch: Watch;
  readonly #from: SenderBuffer = { address: netlinkAddress(), length: uint32(ADDRESS_LENGTH) };
  readonly #messageListeners: ((datagram: Buffer) => void)[] = [];
  readonly #overrunListeners: (() => void)[] = [];
  #pending: Pending | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #isCongested = false;
  #closed = false;

  constructor(libc: Libc, fd: number, portId: number) {
    this.#libc = libc;
    this.#fd = fd;
    this.portId = portId;
    this.#watch = libc.watch(fd, () => {
      this.#drain();
    });
    openSockets.add(this);
  }

  onMessages(listener: (datagram: Buffer) => void): void {
    this.#messageListeners.push(listener);
  }

  onOverrun(listener: () => void): void {
    this.#overrunListeners.push(listener);
  }

  request(type: number, flags: number, payload: Buffer): Promise<readonly NetlinkMessage[]> {
    const run = (): Promise<readonly NetlinkMessage[]> => this.#converse(type, flags, payload);
    const answer = this.#last.then(run, run);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  join(group: number): void {
    joinGroup(this.#libc, this.#fd, group);
  }

  leave(group: number): void {
    leaveGroup(this.#libc, this.#fd, group);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#libc.close(this.#fd);
    openSockets.delete(this);
    this.#settle({ kind: 'failed', error: closedError() });
  }

  async #converse(
    type: number,
    flags: number,
    payload: Buffer,
  ): Promise<readonly NetlinkMessage[]> {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      await this.#emptied();
      const outcome = await this.#exchange(type, flags, payload);
      if (outcome.kind === 'answered') return outcome.parts;
      if (outcome.kind === 'failed') throw outcome.error;
    }
    throw new HostError(
      'EINTR',
      `netlink dump ${type}: the kernel's objects changed during each of ${DUMP_ATTEMPTS} listings`,
    );
  }

  // A queue that the kernel found full gets no answers before it is empty, and the kernel does not say so again.
  async #emptied(): Promise<void> {
    while (this.#isCongested && !this.#closed) {
      this.#drain();
      await nextTurn();
    }
  }

  #exchange(type: number, flags: number, payload: Buffer): Promise<Outcome> {
    return new Promise((settle) => {
      if (this.#closed) {
        settle({ kind: 'failed', error: closedError() });
        return;
      }
      this.#sequence = (this.#sequence % 0xffffffff) + 1;
      const isDump = (flags & NLM_F.dump) === NLM_F.dump;
      const sequence = this.#sequence;
      this.#pending = { type, isDump, sequence, parts: [], interrupted: false, settle };
      const allFlags = flags | NLM_F.request | (isDump ? 0 : NLM_F.ack);
      const data = encodeMessage({ type, flags: allFlags, sequence, portId: this.portId, payload });
      if (this.#libc.sendto(this.#fd, data, netlinkAddress()) < 0)
        this.#fail(errnoError(`sending netlink request ${type}`, this.#libc.errno()));
    });
  }

  #drain(): void {
    for (let count = 0; count < DATAGRAMS_PER_TURN && !this.#closed; count++) {
      this.#from.length.writeUInt32LE(ADDRESS_LENGTH);
      const length = this.#libc.recvfrom(this.#fd, receiveBuffer, MSG_TRUNC, this.#from);
      if (length < 0) {
        const errno = this.#libc.errno();
        if (errno === EAGAIN) {
          this.#isCongested = false;
          return;
        }
        // ENOBUFS, or another error a failed notification left on the socket: something was lost.
        if (errno !== EINTR) this.#overrun();
      } else if (length > receiveBuffer.length) {
        this.#overrun();
      } else if (this.#from.address.readUInt32LE(4) === 0) {
        // Port 0 is the kernel; anybody else may not speak for it.
        this.#accept(Buffer.from(receiveBuffer.subarray(0, length)));
      }
    }
  }

  #overrun(): void {
    this.#isCongested = true;
    // An acknowledgement may be among the lost messages.
    if (this.#pending?.isDump === true) this.#pending.interrupted = true;
    else this.#fail(errnoError('netlink answer lost', 105));
    for (const listener of this.#overrunListeners) listener();
  }

  #accept(datagram: Buffer): void {
    const wasMulticast = this.#from.address.readUInt32LE(8) !== 0;
    const pending = wasMulticast ? undefined : this.#pending;
    const messages = pending === undefined ? [] : parseMessages(datagram);
    if (pending !== undefined && messages.some((message) => this.#answers(pending, message))) {
      for (const message of messages) this.#take(pending, message);
    } else {
      for (const listener of this.#messageListeners) listener(datagram);
    }
  }

  #answers(pending: Pending, message: NetlinkMessage): boolean {
    return message.sequence === pending.sequence && message.portId === this.portId;
  }

  #take(pending: Pending, message: NetlinkMessage): void {
    if (pending !== this.#pending || !this.#answers(pending, message)) return;
    if ((message.flags & NLM_F.dumpInterrupted) !== 0) pending.interrupted = true;
    const answer = readAnswer(message);
    switch (answer.kind) {
      case 'part':
        pending.parts.push(answer.message);
        break;
      case 'end':
        this.#settle(
          pending.interrupted
            ? { kind: 'interrupted' }
            : { kind: 'answered', parts: pending.parts },
        );
        break;
      case 'refused':
        this.#fail(errnoError(`netlink request ${pending.type}`, answer.errno, answer.detail));
        break;
      case 'noise':
        break;
    }
  }

  #fail(error: HostError): void {
    this.#settle({ kind: 'failed', error });
  }

  #settle(outcome: Outcome): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.settle(outcome);
  }
}

function closedError(): HostError {
  return new HostError('netlink-closed', 'the netlink socket is closed');
}
