import type { Cancel, Clock } from '../base/clock.ts';
import { formatStatusLine } from '../status/status-line.ts';
import { isApplied, isLive } from '../status/status-snapshot.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import type { ServiceNotifier } from '../status/systemd-notify.ts';

/** How long the datastore may be out of reach before last good rules count as a successful start. */
export const START_GRACE_MS = 10_000;

/** Once the service is ready, what changes within this time is one report: it takes a look at every rule in force. */
export const REPORT_INTERVAL_MS = 100;

/**
 * Keeps systemd informed: READY=1 once the first complete view is in the kernel, or, with the datastore out
 * of reach for ten seconds, once rules of an earlier run are known to be in force; STATUS= when it is told to
 * report and the line is another one; the watchdog for as long as the kernel answers.
 */
export class SystemdReporter {
  readonly #notifier: ServiceNotifier;
  readonly #clock: Clock;
  readonly #status: () => DaemonStatus;
  #isReady = false;
  #cancels: Cancel[] = [];
  #waiting: Cancel | null = null;

  constructor(notifier: ServiceNotifier, clock: Clock, status: () => DaemonStatus) {
    this.#notifier = notifier;
    this.#clock = clock;
    this.#status = status;
  }

  /** Begins to report. */
  start(): void {
    this.#cancels = [
      this.#notifier.startWatchdog(() => isLive(this.#status(), this.#clock.now())),
      this.#clock.after(START_GRACE_MS, () => {
        this.report();
      }),
    ];
    this.report();
  }

  /** Says what changed, if anything did; READY at once. */
  report(): void {
    if (!this.#isReady) {
      this.#reportNow();
      return;
    }
    this.#waiting ??= this.#clock.after(REPORT_INTERVAL_MS, () => {
      this.#waiting = null;
      this.#reportNow();
    });
  }

  #reportNow(): void {
    const status = this.#status();
    const line = formatStatusLine(status);
    if (this.#isReady || !this.#isStarted(status)) {
      this.#notifier.status(line);
      return;
    }
    this.#isReady = true;
    this.#notifier.ready(line);
  }

  /** A reload begins. */
  reloading(): void {
    this.#notifier.reloading('Reloading the configuration');
  }

  /** The reload is over. */
  reloaded(): void {
    if (this.#isReady) this.#notifier.ready(formatStatusLine(this.#status()));
    else this.report();
  }

  /** The service goes down. */
  async stop(): Promise<void> {
    this.#notifier.stopping('Stopping: the rules stay in force');
    for (const cancel of this.#cancels) cancel();
    this.#waiting?.();
    await this.#notifier.close();
  }

  #isStarted(status: DaemonStatus): boolean {
    const { rulesInForce, startedAt, datastore } = status;
    // An operator has opened the host: there is nothing more to wait for.
    if (isApplied(status) || rulesInForce === 'flushed') return true;
    const waited = this.#clock.now() - startedAt;
    return rulesInForce !== 'none' && !datastore.connected && waited >= START_GRACE_MS;
  }
}
