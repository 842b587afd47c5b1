import type { Clock } from '../base/clock.ts';
import { HostError } from '../base/errors.ts';
import { readAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { errnoError } from './errno.ts';
import { loadLibc } from './libc.ts';
import type { Libc, SenderBuffer } from './libc.ts';
import { parseMessages } from './message.ts';
import { ADDRESS_LENGTH, netlinkAddress, openSocket, uint32 } from './socket-setup.ts';

/** What the kernel said about one message of a batch. */
export interface BatchAnswer {
  readonly sequence: number;
  readonly answer: Extract<Answer, { readonly kind: 'end' | 'refused' }>;
}

/** A socket for batches: many messages in one datagram, carried out by the kernel as one. */
export interface BatchSocket {
  readonly portId: number;
  /**
   * Sends a batch and resolves with every acknowledgement and refusal that it brought: the kernel queues them before
   * the call returns. Rejects with HostError when the kernel never saw it. One batch at a time. Small batches are sent
   * at once, large ones on a worker thread, those that are said to take long as well, and all of them for a while after one
   * had to wait in the kernel.
   */
  send(batch: Buffer, takesLong?: boolean): Promise<readonly BatchAnswer[]>;
  close(): void;
}

// A batch is one datagram: beyond this the kernel refuses it (EMSGSIZE). Memory is taken only while one is sent.
const SEND_BUFFER_BYTES = 64 * 1024 * 1024;
const RECEIVE_BYTES = 64 * 1024;
const EINTR = 4;

// The kernel takes less than a millisecond for a batch of this size; the way to a worker thread and back takes as long
// where every core is busy.
const DIRECT_BYTES = 32 * 1024;
// A call that took longer had to wait, mostly for another process in the middle of a large transaction: the event loop
// must not wait with it again soon.
const LONG_MS = 10;
const WARY_MS = 60_000;

/** Opens one for a netlink protocol. Rejects like `openNetlink`. */
export async function openBatchSocket(protocol: number, clock: Clock): Promise<BatchSocket> {
  const libc = await loadLibc();
  const { fd, portId } = openSocket(libc, { protocol, groups: [] }, SEND_BUFFER_BYTES);
  return createBatchSocket(libc, { fd, portId, clock });
}

/** The same over an open socket. */
export function createBatchSocket(
  libc: BatchLibc,
  { fd, portId, clock }: { readonly fd: number; readonly portId: number; readonly clock: Clock },
): BatchSocket {
  return new LibcBatchSocket(libc, fd, portId, clock);
}

/** The system calls that a batch needs. */
export type BatchLibc = Pick<Libc, 'sendto' | 'sendtoLater' | 'recvfrom' | 'errno' | 'close'>;

class LibcBatchSocket implements BatchSocket {
  readonly portId: number;
  readonly #libc: BatchLibc;
  readonly #fd: number;
  readonly #clock: Clock;
  readonly #from: SenderBuffer = { address: netlinkAddress(), length: uint32(ADDRESS_LENGTH) };
  #closed = false;
  #waryUntil = -Infinity;

  constructor(libc: BatchLibc, fd: number, portId: number, clock: Clock) {
    this.#libc = libc;
    this.#fd = fd;
    this.#clock = clock;
    this.portId = portId;
  }

  async send(batch: Buffer, takesLong = false): Promise<readonly BatchAnswer[]> {
    if (this.#closed) throw new HostError('netlink-closed', 'the netlink socket is closed');
    const startedAt = this.#clock.monotonic();
    const isDirect = !takesLong && batch.length <= DIRECT_BYTES && startedAt >= this.#waryUntil;
    // The worker's errno is out of reach. What was not sent was not carried out: trying again tells why.
    const isSent =
      (!isDirect && (await this.#libc.sendtoLater(this.#fd, batch, netlinkAddress())) >= 0) ||
      this.#libc.sendto(this.#fd, batch, netlinkAddress()) >= 0;
    if (!isSent) throw errnoError(`sending a batch of ${batch.length} bytes`, this.#libc.errno());
    const now = this.#clock.monotonic();
    if (isDirect && now - startedAt > LONG_MS) this.#waryUntil = now + WARY_MS;
    return this.#answers();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#fd);
  }

  #answers(): readonly BatchAnswer[] {
    const answers: BatchAnswer[] = [];
    const buffer = Buffer.allocUnsafe(RECEIVE_BYTES);
    for (;;) {
      this.#from.length.writeUInt32LE(ADDRESS_LENGTH);
      const length = this.#libc.recvfrom(this.#fd, buffer, 0, this.#from);
      // Whatever was lost, the missing acknowledgement tells.
      if (length < 0 && this.#libc.errno() !== EINTR) return answers;
      // Port 0 is the kernel; anybody else may not speak for it.
      if (length < 0 || this.#from.address.readUInt32LE(4) !== 0) continue;
      for (const message of parseMessages(buffer.subarray(0, length))) {
        const answer = readAnswer(message);
        if (answer.kind === 'end' || answer.kind === 'refused')
          answers.push({ sequence: message.sequence, answer });
      }
    }
  }
}
