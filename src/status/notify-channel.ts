import { execFile } from 'node:child_process';
import { endianness } from 'node:os';
import { promisify } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { HostError } from '../base/errors.ts';

/** A way to hand `NAME=value` assignments to the service manager. */
export interface NotifyChannel {
  readonly kind: 'socket' | 'program';
  /** Rejects when the service manager did not get the message. */
  send(assignments: readonly string[]): Promise<void>;
  close(): void;
}

/*
 * Node has no unix datagram sockets, and the npm package systemd-notify starts the program systemd-notify(1) for
 * every message: a process each time, 3 ms and more, and a sender that is not the main process, so that
 * NotifyAccess=main refuses it. It knows READY= and STATUS= only. A watchdog that beats twice a minute for years,
 * also while the host is short of memory or processes, needs better: the C library's sendto, called in this
 * process. Where koffi cannot be loaded the program does the work, and the unit's NotifyAccess=all lets it.
 */

/** Opens the channel to `address` (the value of NOTIFY_SOCKET): a socket, or the program when that fails. */
export async function openNotifyChannel(address: string, clock: Clock): Promise<NotifyChannel> {
  const channel = await openSocketChannel(address, clock).catch(() => null);
  return channel ?? openProgramChannel(address);
}

interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  sendto(fd: number, data: Buffer, address: Buffer): number;
  close(fd: number): number;
  errno(): number;
}

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
const EINTR = 4;
const EAGAIN = 11;
/** The kernel's sun_path. */
const LONGEST_ADDRESS = 108;
const RETRY_MS = 50;
const ATTEMPTS = 100;

/** Opens a datagram socket of this process. Rejects with HostError `notify-unavailable` where that cannot be. */
export async function openSocketChannel(address: string, clock: Clock): Promise<NotifyChannel> {
  const target = encodeAddress(address);
  const libc = await loadLibc();
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) throw unavailable(`socket: errno ${libc.errno()}`);
  return {
    kind: 'socket',
    send: (assignments) =>
      sendDatagram(libc, { fd, target, clock }, Buffer.from(join(assignments))),
    close: () => {
      libc.close(fd);
    },
  };
}

interface Destination {
  readonly fd: number;
  readonly target: Buffer;
  readonly clock: Clock;
}

// The service manager's queue may be full while it is busy; blocking would stop this process with it.
async function sendDatagram(libc: Libc, to: Destination, data: Buffer): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (libc.sendto(to.fd, data, to.target) === data.length) return;
    const errno = libc.errno();
    if (errno !== EAGAIN && errno !== EINTR) throw unavailable(`sendto: errno ${errno}`);
    await new Promise<void>((resolve) => to.clock.after(RETRY_MS, resolve));
  }
  throw unavailable('the service manager takes no messages');
}

/** `struct sockaddr_un`: the family, then the path; an abstract address begins with a zero byte instead of `@`. */
function encodeAddress(address: string): Buffer {
  const path = Buffer.from(address.startsWith('@') ? `\0${address.slice(1)}` : address);
  if (!/^[/@]./.test(address) || path.length >= LONGEST_ADDRESS) {
    throw unavailable(`NOTIFY_SOCKET=${address} is not the address of a unix socket`);
  }
  const family = Buffer.alloc(2);
  if (endianness() === 'LE') family.writeUInt16LE(AF_UNIX);
  else family.writeUInt16BE(AF_UNIX);
  return Buffer.concat([family, path]);
}

async function loadLibc(): Promise<Libc> {
  const koffi = await import('koffi');
  const libc = koffi.load(null);
  const sendto = libc.func(
    'intptr_t sendto(int fd, void *data, size_t size, int flags, void *address, uint32_t length)',
  ) as unknown as (...args: readonly unknown[]) => number;
  return {
    socket: libc.func(
      'int socket(int domain, int type, int protocol)',
    ) as unknown as Libc['socket'],
    sendto: (fd, data, address) =>
      sendto(fd, data, data.length, MSG_DONTWAIT_NOSIGNAL, address, address.length),
    close: libc.func('int close(int fd)') as unknown as Libc['close'],
    errno: () => koffi.errno(),
  };
}

const run = promisify(execFile);

/** Uses systemd-notify(1), through the package where it knows how. The sender is then a child of this process. */
export function openProgramChannel(address: string): NotifyChannel {
  return {
    kind: 'program',
    send: async (assignments) => {
      if (process.env['NOTIFY_SOCKET'] === address && assignments.every(isForPackage)) {
        const { default: notify } = await import('systemd-notify');
        await notify(toPackageOptions(assignments));
        return;
      }
      const env = { ...process.env, NOTIFY_SOCKET: address };
      await run('systemd-notify', [`--pid=${process.pid}`, ...assignments], { env });
    },
    close: () => undefined,
  };
}

function isForPackage(assignment: string): boolean {
  return assignment === 'READY=1' || assignment.startsWith('STATUS=');
}

function toPackageOptions(assignments: readonly string[]): { ready?: boolean; status?: string } {
  const status = assignments.find((assignment) => assignment.startsWith('STATUS='));
  return {
    ...(assignments.includes('READY=1') ? { ready: true } : {}),
    ...(status === undefined ? {} : { status: status.slice('STATUS='.length) }),
  };
}

function join(assignments: readonly string[]): string {
  return assignments.join('\n');
}

function unavailable(why: string): HostError {
  return new HostError('notify-unavailable', `The service manager cannot be notified: ${why}`);
}
