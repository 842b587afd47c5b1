import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { openNotifyChannel } from './notify-channel.ts';
import type { NotifyChannel } from './notify-channel.ts';

/**
 * Tells systemd how the service is (sd_notify(3)). Messages leave in order; a failure is logged and never
 * thrown. Without NOTIFY_SOCKET nothing happens at all.
 */
export interface ServiceNotifier {
  /** READY=1: the service does its work. Also ends a reload. */
  ready(status: string): void;
  /** STATUS=: the line that `systemctl status` shows. The same line is not sent twice. */
  status(status: string): void;
  /** RELOADING=1 with the moment, as Type=notify-reload (systemd 253) wants it; `ready` must follow. */
  reloading(status: string): void;
  /** STOPPING=1: the service is going down. */
  stopping(status: string): void;
  /**
   * WATCHDOG=1 at half of WATCHDOG_USEC, as long as `isAlive` says so; once it does not, systemd restarts the
   * service. Nothing without WATCHDOG_USEC, or when it is meant for another process (WATCHDOG_PID).
   */
  startWatchdog(isAlive: () => boolean): Cancel;
  /** Resolves when everything so far has been handed over, or given up. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface NotifierOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
}

export interface NotifierPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Opens the way to the service manager; tests bring their own. */
  readonly open?: (address: string, clock: Clock) => Promise<NotifyChannel>;
}

/** A notifier for this process. Never rejects. */
export async function createServiceNotifier(
  options: NotifierOptions,
  ports: NotifierPorts,
): Promise<ServiceNotifier> {
  const address = options.environment['NOTIFY_SOCKET'] ?? '';
  if (address === '') return silentNotifier;
  const channel = await (ports.open ?? openNotifyChannel)(address, ports.clock);
  ports.logger.debug({ channel: channel.kind }, 'service manager found');
  const queue = new MessageQueue(channel, ports.logger);
  return {
    ready: (status) => {
      queue.add(['READY=1', `STATUS=${oneLine(status)}`]);
    },
    status: (status) => {
      queue.addStatus(`STATUS=${oneLine(status)}`);
    },
    reloading: (status) => {
      const now = process.hrtime.bigint() / 1000n;
      queue.add(['RELOADING=1', `MONOTONIC_USEC=${now}`, `STATUS=${oneLine(status)}`]);
    },
    stopping: (status) => {
      queue.add(['STOPPING=1', `STATUS=${oneLine(status)}`]);
    },
    startWatchdog: (isAlive) =>
      startWatchdog(queue, { periodMs: watchdogPeriod(options), clock: ports.clock, isAlive }),
    flush: () => queue.flush(),
    close: () => queue.close(),
  };
}

const silentNotifier: ServiceNotifier = {
  ready: () => undefined,
  status: () => undefined,
  reloading: () => undefined,
  stopping: () => undefined,
  startWatchdog: () => () => undefined,
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Sends one message after another. */
class MessageQueue {
  readonly #channel: NotifyChannel;
  readonly #logger: Logger;
  #tail: Promise<void> = Promise.resolve();
  #lastStatus = '';
  #lastError = '';
  #isBeating = false;

  constructor(channel: NotifyChannel, logger: Logger) {
    this.#channel = channel;
    this.#logger = logger;
  }

  add(assignments: readonly string[]): void {
    const status = assignments.find((assignment) => assignment.startsWith('STATUS='));
    if (status !== undefined) this.#lastStatus = status;
    this.#enqueue(assignments);
  }

  addStatus(status: string): void {
    if (status !== this.#lastStatus) this.add([status]);
  }

  /** A beat that waits behind another one says nothing new. */
  beat(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#enqueue(['WATCHDOG=1']);
    this.#tail = this.#tail.then(() => {
      this.#isBeating = false;
    });
  }

  flush(): Promise<void> {
    return this.#tail;
  }

  async close(): Promise<void> {
    await this.#tail;
    this.#channel.close();
  }

  #enqueue(assignments: readonly string[]): void {
    this.#tail = this.#tail.then(() => this.#send(assignments));
  }

  async #send(assignments: readonly string[]): Promise<void> {
    try {
      await this.#channel.send(assignments);
      this.#lastError = '';
    } catch (thrown) {
      const { message } = toError(thrown);
      if (message === this.#lastError) return;
      this.#lastError = message;
      this.#logger.warn({ error: message }, 'cannot notify the service manager');
    }
  }
}

interface WatchdogOptions {
  /** Null: there is no watchdog. */
  readonly periodMs: number | null;
  readonly clock: Clock;
  readonly isAlive: () => boolean;
}

function startWatchdog(queue: MessageQueue, options: WatchdogOptions): Cancel {
  const { periodMs, clock, isAlive } = options;
  if (periodMs === null) return () => undefined;
  let cancel: Cancel = () => undefined;
  const beat = (): void => {
    if (isAlive()) queue.beat();
    cancel = clock.after(periodMs, beat);
  };
  beat();
  return () => {
    cancel();
  };
}

/** Half of WATCHDOG_USEC in milliseconds, as sd_watchdog_enabled(3) advises; null without a watchdog for us. */
function watchdogPeriod({ environment, pid }: NotifierOptions): number | null {
  const microseconds = environment['WATCHDOG_USEC'] ?? '';
  const owner = environment['WATCHDOG_PID'] ?? '';
  if (!/^[1-9]\d{0,15}$/.test(microseconds)) return null;
  if (owner !== '' && owner !== String(pid)) return null;
  // Timers of Node overflow above 2^31 ms and would then fire at once.
  return Math.min(Math.max(Number(microseconds) / 2000, 1), 86_400_000);
}

// A line break would begin another assignment.
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
