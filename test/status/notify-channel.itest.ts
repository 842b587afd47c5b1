import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import {
  openNotifyChannel,
  openProgramChannel,
  openSocketChannel,
} from '../../src/status/notify-channel.ts';
import { createServiceNotifier } from '../../src/status/systemd-notify.ts';
import { createManualClock } from './manual-clock.ts';

type Native = (...args: readonly unknown[]) => number;

const libc = koffi.load(null);
const socket = libc.func('int socket(int, int, int)') as unknown as Native;
const bind = libc.func('int bind(int, void *, uint32_t)') as unknown as Native;
const recv = libc.func('intptr_t recv(int, void *, size_t, int)') as unknown as Native;
const closeFd = libc.func('int close(int)') as unknown as Native;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

/** A unix datagram socket of the test's own, in the place of systemd's. */
class Listener {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(4096);

  constructor(address: string) {
    this.#fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert.ok(this.#fd >= 0);
    const path = address.startsWith('@') ? `\0${address.slice(1)}` : address;
    const sockaddr = Buffer.concat([
      new Uint8Array(new Uint16Array([AF_UNIX]).buffer),
      Buffer.from(path),
    ]);
    assert.equal(bind(this.#fd, sockaddr, sockaddr.length), 0);
  }

  /** The next datagram, or null when none has arrived. */
  take(): string | null {
    const length = recv(this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT);
    return length < 0 ? null : this.#buffer.toString('utf8', 0, length);
  }

  takeAll(): readonly string[] {
    const all: string[] = [];
    for (let one = this.take(); one !== null; one = this.take()) all.push(one);
    return all;
  }

  close(): void {
    closeFd(this.#fd);
  }
}

/** What arrives until `sending` is done; systemd-notify(1) waits until its barrier has been taken. */
async function takeDuring(
  listener: Listener,
  sending: Promise<unknown>,
): Promise<readonly string[]> {
  let isDone = false;
  const done = sending.finally(() => {
    isDone = true;
  });
  const all: string[] = [];
  const isRunning = (): boolean => !isDone;
  while (isRunning()) {
    all.push(...listener.takeAll());
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  return [...all, ...listener.takeAll()].filter((message) => message !== 'BARRIER=1');
}

const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

describe('the notify channels', () => {
  let directory: string;
  let address: string;
  let listener: Listener;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rampart-notify-'));
    address = join(directory, 'notify');
    listener = new Listener(address);
  });
  afterEach(async () => {
    listener.close();
    await rm(directory, { recursive: true });
  });

  it('the socket delivers one datagram for each message', async () => {
    const channel = await openSocketChannel(address, realClock);
    await channel.send(['READY=1', 'STATUS=In sync: “ok”']);
    await channel.send(['WATCHDOG=1']);
    channel.close();
    assert.deepEqual(listener.takeAll(), ['READY=1\nSTATUS=In sync: “ok”', 'WATCHDOG=1']);
  });

  it('the socket reaches abstract addresses', async () => {
    const abstract = `@rampart-test-${process.pid}`;
    const other = new Listener(abstract);
    const channel = await openSocketChannel(abstract, realClock);
    await channel.send(['READY=1']);
    channel.close();
    assert.deepEqual(other.takeAll(), ['READY=1']);
    other.close();
  });

  it('the socket waits without blocking while the queue is full, and loses nothing', async () => {
    const clock = createManualClock();
    const channel = await openSocketChannel(address, clock);
    let delivered = 0;
    const received: string[] = [];
    const sending = (async () => {
      for (; delivered < 2000; delivered++) await channel.send([`STATUS=${delivered}`]);
    })();
    while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
    const atFull = delivered;
    assert.ok(atFull > 0 && atFull < 2000);
    while (delivered < 2000) {
      received.push(...listener.takeAll());
      clock.advance(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sending;
    received.push(...listener.takeAll());
    channel.close();
    assert.deepEqual(
      received,
      Array.from({ length: 2000 }, (_, i) => `STATUS=${i}`),
    );
  });

  it('the socket rejects when nobody listens', async () => {
    const channel = await openSocketChannel(join(directory, 'nobody'), realClock);
    await assert.rejects(channel.send(['READY=1']), { code: 'notify-unavailable' });
    channel.close();
  });

  it('the socket refuses addresses that are not a unix socket’s', async () => {
    for (const bad of ['vsock:2:1234', 'relative', '/', `/${'x'.repeat(108)}`]) {
      await assert.rejects(openSocketChannel(bad, realClock), { code: 'notify-unavailable' });
    }
  });

  it('the socket is the first choice, the program the second', async () => {
    const first = await openNotifyChannel(address, realClock);
    const second = await openNotifyChannel('vsock:2:1234', realClock);
    first.close();
    second.close();
    assert.deepEqual([first.kind, second.kind], ['socket', 'program']);
  });

  it('the program delivers every kind of message', async () => {
    const channel = openProgramChannel(address);
    const [ready] = await takeDuring(listener, channel.send(['READY=1', 'STATUS=In sync']));
    assert.deepEqual((ready ?? '').split('\n').sort(), [
      `MAINPID=${process.pid}`,
      'READY=1',
      'STATUS=In sync',
    ]);
    const [watchdog] = await takeDuring(listener, channel.send(['WATCHDOG=1']));
    assert.match(watchdog ?? '', /^WATCHDOG=1$/m);
  });

  it('the package delivers READY=1 and STATUS= when the address is the process’s own', async () => {
    process.env['NOTIFY_SOCKET'] = address;
    try {
      const sending = openProgramChannel(address).send(['READY=1', 'STATUS=In sync']);
      const [ready] = await takeDuring(listener, sending);
      assert.match(ready ?? '', /^READY=1$/m);
      assert.match(ready ?? '', /^STATUS=In sync$/m);
    } finally {
      delete process.env['NOTIFY_SOCKET'];
    }
  });

  it('carry a whole life of the service', async () => {
    const environment = { NOTIFY_SOCKET: address, WATCHDOG_USEC: '20000' };
    const notifier = await createServiceNotifier(
      { environment, pid: process.pid },
      { clock: realClock, logger: silentLogger },
    );
    notifier.ready('In sync');
    const cancel = notifier.startWatchdog(() => true);
    let beats = 0;
    const others: string[] = [];
    while (beats < 3) {
      for (const message of listener.takeAll()) {
        if (message === 'WATCHDOG=1') beats += 1;
        else others.push(message);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    cancel();
    notifier.stopping('Going down');
    await notifier.close();
    others.push(...listener.takeAll().filter((message) => message !== 'WATCHDOG=1'));
    assert.deepEqual(others, ['READY=1\nSTATUS=In sync', 'STOPPING=1\nSTATUS=Going down']);
  });
});
