import assert from 'node:assert/strict';
import { silentLogger } from '../../src/base/logger.ts';
import type { NotifyChannel } from '../../src/status/notify-channel.ts';
import { createServiceNotifier } from '../../src/status/systemd-notify.ts';
import type { ServiceNotifier } from '../../src/status/systemd-notify.ts';
import { createManualClock } from './manual-clock.ts';
import type { ManualClock } from './manual-clock.ts';
import { createRecordingLogger } from './recording-logger.ts';

type Environment = Readonly<Record<string, string>>;

interface Setup {
  readonly notifier: ServiceNotifier;
  readonly clock: ManualClock;
  readonly messages: string[];
}

async function setUp(environment: Environment): Promise<Setup> {
  const messages: string[] = [];
  const channel: NotifyChannel = {
    kind: 'socket',
    send: (assignments) => {
      messages.push(assignments.join(' '));
      return Promise.resolve();
    },
    close: () => {
      messages.push('closed');
    },
  };
  const clock = createManualClock();
  const notifier = await createServiceNotifier(
    { environment: { NOTIFY_SOCKET: '/run/x', ...environment }, pid: 7 },
    { clock, logger: silentLogger, open: () => Promise.resolve(channel) },
  );
  return { notifier, clock, messages };
}

describe('createServiceNotifier', () => {
  it('does nothing without NOTIFY_SOCKET, not even open a channel', async () => {
    const clock = createManualClock();
    const open = (): never => assert.fail('opened');
    const options = { environment: { WATCHDOG_USEC: '1000000' }, pid: 7 };
    const notifier = await createServiceNotifier(options, { clock, logger: silentLogger, open });
    notifier.ready('up');
    notifier.startWatchdog(() => true);
    await notifier.flush();
    assert.equal(clock.pending(), 0);
  });

  it('sends the states of a service in order, each with its status line', async () => {
    const { notifier, messages } = await setUp({});
    notifier.status('Starting');
    notifier.ready('In sync');
    notifier.reloading('Reading the configuration');
    notifier.ready('In sync');
    notifier.stopping('Going down');
    await notifier.close();
    const moment = /MONOTONIC_USEC=(\d+)/;
    assert.deepEqual(
      messages.map((message) => message.replace(moment, 'MONOTONIC_USEC=N')),
      [
        'STATUS=Starting',
        'READY=1 STATUS=In sync',
        'RELOADING=1 MONOTONIC_USEC=N STATUS=Reading the configuration',
        'READY=1 STATUS=In sync',
        'STOPPING=1 STATUS=Going down',
        'closed',
      ],
    );
    const sent = BigInt(moment.exec(messages[2] ?? '')?.[1] ?? '0');
    const now = process.hrtime.bigint() / 1000n;
    assert.ok(sent <= now && now - sent < 60_000_000n);
  });

  it('keeps the status on one line, so that it cannot smuggle in another assignment', async () => {
    const { notifier, messages } = await setUp({});
    notifier.status('a\nREADY=1\r\n b');
    await notifier.flush();
    assert.deepEqual(messages, ['STATUS=a READY=1 b']);
  });

  it('does not repeat a status line that has not changed', async () => {
    const { notifier, messages } = await setUp({});
    notifier.ready('In sync');
    notifier.status('In sync');
    notifier.status('Away');
    notifier.status('Away');
    await notifier.flush();
    assert.deepEqual(messages, ['READY=1 STATUS=In sync', 'STATUS=Away']);
  });

  it('logs a failure once and never throws', async () => {
    const logger = createRecordingLogger();
    const open = (): Promise<NotifyChannel> =>
      Promise.resolve({
        kind: 'program',
        send: () => Promise.reject(new Error('gone')),
        close: () => undefined,
      });
    const options = { environment: { NOTIFY_SOCKET: '/run/x' }, pid: 7 };
    const notifier = await createServiceNotifier(options, {
      clock: createManualClock(),
      logger,
      open,
    });
    notifier.ready('a');
    notifier.status('b');
    await notifier.close();
    assert.deepEqual(logger.lines, [
      'debug service manager found',
      'warn cannot notify the service manager',
    ]);
  });
});

describe('startWatchdog', () => {
  async function beatsIn(ms: number, environment: Environment): Promise<number> {
    const { notifier, clock, messages } = await setUp(environment);
    notifier.startWatchdog(() => true);
    for (let passed = 0; passed < ms; passed += 250) {
      await notifier.flush();
      clock.advance(250);
    }
    await notifier.flush();
    assert.ok(messages.every((message) => message === 'WATCHDOG=1'));
    return messages.length;
  }

  it('beats at once and then at half of WATCHDOG_USEC', async () => {
    assert.equal(await beatsIn(4000, { WATCHDOG_USEC: '2000000' }), 5);
    assert.equal(await beatsIn(4000, { WATCHDOG_USEC: '2000000', WATCHDOG_PID: '7' }), 5);
  });

  it('keeps still without a watchdog, or when it is another process’s', async () => {
    for (const environment of [
      {},
      { WATCHDOG_USEC: '0' },
      { WATCHDOG_USEC: 'soon' },
      { WATCHDOG_USEC: '2000000', WATCHDOG_PID: '8' },
    ]) {
      assert.equal(await beatsIn(4000, environment), 0);
    }
  });

  it('keeps still while the service is hung, and after it was cancelled', async () => {
    const { notifier, clock, messages } = await setUp({ WATCHDOG_USEC: '2000000' });
    let isAlive = true;
    const cancel = notifier.startWatchdog(() => isAlive);
    await notifier.flush();
    isAlive = false;
    clock.advance(1000);
    await notifier.flush();
    assert.equal(messages.length, 1);
    isAlive = true;
    clock.advance(1000);
    await notifier.flush();
    assert.equal(messages.length, 2);
    cancel();
    clock.advance(10_000);
    await notifier.flush();
    assert.equal(messages.length, 2);
    assert.equal(clock.pending(), 0);
  });

  it('does not pile up beats while the service manager is busy', async () => {
    let release: () => void = () => undefined;
    const sent: string[] = [];
    const channel: NotifyChannel = {
      kind: 'socket',
      send: (assignments) => {
        sent.push(assignments.join(' '));
        return new Promise((resolve) => {
          release = resolve;
        });
      },
      close: () => undefined,
    };
    const clock = createManualClock();
    const environment = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '2000000' };
    const notifier = await createServiceNotifier(
      { environment, pid: 7 },
      { clock, logger: silentLogger, open: () => Promise.resolve(channel) },
    );
    notifier.startWatchdog(() => true);
    await Promise.resolve();
    clock.advance(5000);
    release();
    await notifier.flush();
    assert.deepEqual(sent, ['WATCHDOG=1']);
  });
});
