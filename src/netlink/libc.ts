import { HostError } from '../base/errors.ts';
import { INSTRUCTION_BYTES } from './port-filter.ts';

/** The system calls netlink needs. All return -1 on failure; `errno()` then tells why, if asked at once. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  getsockname(fd: number, address: Buffer, length: Buffer): number;
  setsockopt(fd: number, option: SocketOption, value: Buffer): number;
  /** SO_ATTACH_FILTER: `program` is made of instructions of classic BPF. */
  attachFilter(fd: number, program: Buffer): number;
  sendto(fd: number, data: Buffer, address: Buffer): number;
  /** The same on a worker thread; `errno()` does not tell why it failed. Neither buffer may change meanwhile. */
  sendtoLater(fd: number, data: Buffer, address: Buffer): Promise<number>;
  recvfrom(fd: number, into: Buffer, flags: number, from: SenderBuffer): number;
  close(fd: number): number;
  errno(): number;
  /** Calls `onReady` from the event loop whenever `fd` is readable or in error. Uses epoll, no thread. */
  watch(fd: number, onReady: () => void): Watch;
}

/** A running `watch`: it keeps the process alive, and must be closed before its descriptor is. */
export interface Watch {
  close(): void;
}

/** Level and name of a socket option. */
export interface SocketOption {
  readonly level: number;
  readonly name: number;
}

/** Where `recvfrom` puts the sender: the address, and its length in and out. */
export interface SenderBuffer {
  readonly address: Buffer;
  readonly length: Buffer;
}

const SO_ATTACH_FILTER: SocketOption = { level: 1, name: 26 };
// struct sock_fprog where pointers have 64 bits.
const SOCK_FPROG_BYTES = 16;

let loading: Promise<Libc> | undefined;

/** Loads koffi and the C library of this process, once. Rejects with HostError `netlink-unavailable`. */
export function loadLibc(): Promise<Libc> {
  loading ??= load().catch((cause: unknown) => {
    loading = undefined;
    throw new HostError(
      'netlink-unavailable',
      `Netlink cannot be used: koffi or the C library failed to load (${String(cause)})`,
      cause,
    );
  });
  return loading;
}

type Native = ((...args: readonly unknown[]) => number) & {
  async(...args: readonly unknown[]): void;
};

// koffi.d.ts omits the first argument of the callback: libuv's status, negative after EPOLLERR.
type PollCallback = (status: number) => void;

interface PollHandle {
  start(options: object, callback: PollCallback): void;
  close(): void;
}

interface Koffi {
  load(path: null): { func(prototype: string): Native };
  struct(name: string, fields: Readonly<Record<string, string>>): unknown;
  errno(): number;
  readonly node: { poll(fd: number, options: object, callback: PollCallback): PollHandle };
}

async function load(): Promise<Libc> {
  const koffi = (await import('koffi')) as unknown as Koffi;
  if (typeof koffi.node.poll !== 'function') throw new Error('this koffi has no node.poll');
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const bind = libc.func('int bind(int fd, void *address, uint32_t length)');
  const getsockname = libc.func('int getsockname(int fd, void *address, void *length)');
  const setsockopt = libc.func(
    'int setsockopt(int fd, int level, int name, void *value, uint32_t length)',
  );
  koffi.struct('rampart_sock_fprog', { len: 'uint16_t', filter: 'void *' });
  const attachFilter = libc.func(
    'int setsockopt(int fd, int level, int name, rampart_sock_fprog *program, uint32_t length)',
  );
  const sendto = libc.func(
    'intptr_t sendto(int fd, void *data, size_t size, int flags, void *address, uint32_t length)',
  );
  const recvfrom = libc.func(
    'intptr_t recvfrom(int fd, void *data, size_t size, int flags, void *address, void *length)',
  );
  const close = libc.func('int close(int fd)');
  return {
    socket,
    bind,
    getsockname,
    setsockopt: (fd, option, value) =>
      setsockopt(fd, option.level, option.name, value, value.length),
    attachFilter: (fd, program) => {
      const { level, name } = SO_ATTACH_FILTER;
      const len = program.length / INSTRUCTION_BYTES;
      return attachFilter(fd, level, name, { len, filter: program }, SOCK_FPROG_BYTES);
    },
    sendto: (fd, data, address) => sendto(fd, data, data.length, 0, address, address.length),
    sendtoLater: (fd, data, address) =>
      later(sendto, fd, data, data.length, 0, address, address.length),
    recvfrom: (fd, into, flags, from) =>
      recvfrom(fd, into, into.length, flags, from.address, from.length),
    close,
    errno: () => koffi.errno(),
    watch: (fd, onReady) => watch(koffi, fd, onReady),
  };
}

function later(native: Native, ...args: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    native.async(...args, (error: Error | null, result: number) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

// The callback runs outside Node's own callback scope, where an exception would be lost, so all real work
// moves to an immediate: those run before the loop polls again. libuv stops a watch that reports an error
// (a netlink socket's overrun does), hence the restart.
function watch(koffi: Koffi, fd: number, onReady: () => void): Watch {
  const options = { readable: true };
  let closed = false;
  const callback = (status: number): void => {
    setImmediate(() => {
      if (closed) return;
      onReady();
      if (status < 0 && !isClosed()) handle.start(options, callback);
    });
  };
  const isClosed = (): boolean => closed;
  const handle = koffi.node.poll(fd, options, callback);
  return {
    close: () => {
      if (closed) return;
      closed = true;
      handle.close();
    },
  };
}
