import koffi from 'koffi';

const AF_INET = 2;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const UDP = 17;
/** Bytes of an IPv4 and a UDP header; the packets carry nothing. */
const PACKET_BYTES = 28;
const MMSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const connect = libc.func('int connect(int fd, const void *address, uint32_t length)');
const sendmmsg = libc.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)');
const close = libc.func('int close(int fd)');

/** Where a packet claims to come from, and the port it goes to. */
export interface Flow {
  readonly source: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Sends bare UDP packets to one address, a batch a system call, with whatever source they are to have. */
export class PacketSender {
  readonly #fd: number;
  readonly #packets: Buffer;
  readonly #messages: Buffer;
  // The messages hold its address.
  readonly #vectors: Buffer;
  readonly #batch: number;

  /** To a destination as `addressNumber` gives it; a batch is that many packets. Needs CAP_NET_RAW. */
  constructor(destination: number, batch: number) {
    this.#batch = batch;
    this.#packets = Buffer.alloc(batch * PACKET_BYTES);
    this.#vectors = Buffer.alloc(batch * IOVEC_BYTES);
    this.#messages = Buffer.alloc(batch * MMSGHDR_BYTES);
    for (let i = 0; i < batch; i++) this.#prepare(i, destination);
    this.#fd = check('socket', socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
    const to = Buffer.alloc(16);
    to.writeUInt16LE(AF_INET, 0);
    to.writeUInt32BE(destination, 4);
    check('connect', connect(this.#fd, to, to.length));
  }

  /** Sends one batch, `flow(i)` each; answers the nanoseconds a packet took. */
  send(flow: (i: number) => Flow): number {
    for (let i = 0; i < this.#batch; i++) {
      const at = i * PACKET_BYTES;
      const { source, sourcePort, destinationPort } = flow(i);
      this.#packets.writeUInt32BE(source, at + 12);
      this.#packets.writeUInt16BE(sourcePort, at + 20);
      this.#packets.writeUInt16BE(destinationPort, at + 22);
    }
    const startedAt = performance.now();
    const sent = check('sendmmsg', sendmmsg(this.#fd, this.#messages, this.#batch, 0));
    return ((performance.now() - startedAt) * 1e6) / sent;
  }

  close(): void {
    close(this.#fd);
  }

  // The kernel fills in length, identification and checksum; UDP may go without a checksum.
  #prepare(i: number, destination: number): void {
    const packet = i * PACKET_BYTES;
    this.#packets.writeUInt8(0x45, packet);
    this.#packets.writeUInt8(64, packet + 8);
    this.#packets.writeUInt8(UDP, packet + 9);
    this.#packets.writeUInt32BE(destination, packet + 16);
    this.#packets.writeUInt16BE(PACKET_BYTES - 20, packet + 24);
    const vector = i * IOVEC_BYTES;
    this.#vectors.writeBigUInt64LE(addressOf(this.#packets) + BigInt(packet), vector);
    this.#vectors.writeBigUInt64LE(BigInt(PACKET_BYTES), vector + 8);
    const message = i * MMSGHDR_BYTES;
    this.#messages.writeBigUInt64LE(addressOf(this.#vectors) + BigInt(vector), message + 16);
    this.#messages.writeBigUInt64LE(1n, message + 24);
  }
}

/** An IPv4 address as a number. */
export function addressNumber(address: string): number {
  return address.split('.').reduce((value, byte) => value * 256 + Number(byte), 0);
}

function addressOf(buffer: Buffer): bigint {
  return koffi.address(buffer);
}

function check(call: string, result: unknown): number {
  const value = Number(result);
  if (value < 0) throw new Error(`${call} failed with errno ${koffi.errno()}`);
  return value;
}
