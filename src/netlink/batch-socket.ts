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
   * Sends a batch on a worker thread and resolves with every acknowledgement and refusal that it brought:
   * the kernel queues them before the call returns. Rejects with HostError when the kernel never saw it.
   * One batch at a time.
   */
  send(batch: Buffer): Promise<readonly BatchAnswer[]>;
  close(): void;
}

// A batch is one datagram: beyond this the kernel refuses it (EMSGSIZE). Memory is taken only while one is sent.
const SEND_BUFFER_BYTES = 64 * 1024 * 1024;
const RECEIVE_BYTES = 64 * 1024;
const EINTR = 4;

/** Opens one for a netlink protocol. Rejects like `openNetlink`. */
export async function openBatchSocket(protocol: number): Promise<BatchSocket> {
  const libc = await loadLibc();
  const { fd, portId } = openSocket(libc, { protocol, groups: [] }, SEND_BUFFER_BYTES);
  return new LibcBatchSocket(libc, fd, portId);
}

class LibcBatchSocket implements BatchSocket {
  readonly portId: number;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #from: SenderBuffer = { address: netlinkAddress(), length: uint32(ADDRESS_LENGTH) };
  #closed = false;

  constructor(libc: Libc, fd: number, portId: number) {
    this.#libc = libc;
    this.#fd = fd;
    this.portId = portId;
  }

  async send(batch: Buffer): Promise<readonly BatchAnswer[]> {
    if (this.#closed) throw new HostError('netlink-closed', 'the netlink socket is closed');
    const sent = await this.#libc.sendtoLater(this.#fd, batch, netlinkAddress());
    // The worker's errno is out of reach. What was not sent was not carried out: trying again tells why.
    if (sent < 0 && this.#libc.sendto(this.#fd, batch, netlinkAddress()) < 0)
      throw errnoError(`sending a batch of ${batch.length} bytes`, this.#libc.errno());
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
