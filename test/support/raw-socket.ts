import koffi from 'koffi';
import { addressBytes, familyOf } from './packet.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
const MSG_DONTWAIT = 0x40;
const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  11: 'EAGAIN',
  99: 'EADDRNOTAVAIL',
  101: 'ENETUNREACH',
  111: 'ECONNREFUSED',
  113: 'EHOSTUNREACH',
};

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
const sendto = libc.func(
  'int64_t sendto(int fd, const void *data, size_t length, int flags, const void *to, uint32_t toLength)',
);
const recvfrom = libc.func(
  'int64_t recvfrom(int fd, void *data, size_t length, int flags, void *from, void *fromLength)',
);
const close = libc.func('int close(int fd)');

/** A packet as a raw socket delivers it, without its IP header. */
export interface RawPacket {
  readonly from: string;
  readonly payload: Buffer;
}

/** A system call failed; `code` is the errno's name. */
export class RawSocketError extends Error {
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = ERRNO_NAMES[errno] ?? `errno ${errno}`;
    super(`${call}: ${code}`);
    this.name = 'RawSocketError';
    this.code = code;
  }
}

/** A raw IP socket (needs CAP_NET_RAW). Reads never block; the packets of before it was made are not seen. */
export class RawSocket {
  readonly #fd: number;
  readonly #family: 4 | 6;
  readonly #buffer = Buffer.alloc(65536);

  constructor(family: 4 | 6, protocol: number) {
    this.#family = family;
    const domain = family === 4 ? AF_INET : AF_INET6;
    this.#fd = checked('socket', socket(domain, SOCK_RAW, protocol));
  }

  /** Sends from, and receives at, this address only. */
  bind(address: string): void {
    const name = socketAddress(address);
    checked('bind', bind(this.#fd, name, name.length));
  }

  /** Throws a RawSocketError: EPERM when a local firewall dropped it. */
  send(payload: Buffer, to: string): void {
    const name = socketAddress(to);
    checked('sendto', sendto(this.#fd, payload, payload.length, 0, name, name.length));
  }

  /** The next packet waiting, or undefined. */
  receive(): RawPacket | undefined {
    const from = Buffer.alloc(28);
    const fromLength = Buffer.alloc(4);
    fromLength.writeUInt32LE(from.length);
    const { length: room } = this.#buffer;
    const length = Number(recvfrom(this.#fd, this.#buffer, room, MSG_DONTWAIT, from, fromLength));
    if (length < 0) return undefined;
    const packet = Buffer.from(this.#buffer.subarray(0, length));
    if (this.#family === 6) return { from: textOf6(from.subarray(8, 24)), payload: packet };
    const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
    return { from: from.subarray(4, 8).join('.'), payload: packet.subarray(headerLength) };
  }

  close(): void {
    close(this.#fd);
  }
}

function checked(call: string, result: unknown): number {
  const value = Number(result);
  if (value < 0) throw new RawSocketError(call, koffi.errno());
  return value;
}

function socketAddress(address: string): Buffer {
  const bytes = addressBytes(address);
  const name = Buffer.alloc(familyOf(address) === 4 ? 16 : 28);
  name.writeUInt16LE(familyOf(address) === 4 ? AF_INET : AF_INET6, 0);
  bytes.copy(name, familyOf(address) === 4 ? 4 : 8);
  return name;
}

function textOf6(bytes: Buffer): string {
  return [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16)).join(':');
}
