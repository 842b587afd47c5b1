import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** What is done again and again, one run at a time. */
export interface TickerInputs {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For the log: `the status of host endpoints`. */
  readonly what: string;
  readonly run: () => Promise<void>;
  /** Milliseconds between the end of a run that went well and the next one. */
  readonly pauseMs: () => number;
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 300_000;

/**
 * Runs a write to the datastore at intervals. A failure is a warning, once until it succeeds again, and is
 * tried again after 5 s, doubling to 5 min: status never troubles enforcement.
 */
export class StatusTicker {
  readonly #inputs: TickerInputs;
  #cancel: Cancel = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  #isStopped = false;

  constructor(inputs: TickerInputs) {
    this.#inputs = inputs;
  }

  /** The first run is after `delayMs`. */
  start(delayMs: number): void {
    this.#later(delayMs);
  }

  /** No run begins any more. Resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
  }

  #later(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#inputs.clock.after(delayMs, () => {
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    try {
      await this.#inputs.run();
      this.#succeeded();
      this.#later(this.#inputs.pauseMs());
    } catch (thrown) {
      this.#failed(toError(thrown));
      const delayMs = FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 10);
      this.#later(Math.min(LONGEST_RETRY_MS, delayMs));
    }
  }

  #succeeded(): void {
    const { logger, what } = this.#inputs;
    if (this.#failures > 0) logger.info({ failures: this.#failures }, `${what} is written again`);
    this.#failures = 0;
  }

  #failed(error: Error): void {
    const { logger, what } = this.#inputs;
    this.#failures += 1;
    if (this.#failures > 1 || this.#isStopped) return;
    logger.warn(
      { error: error.message },
      `could not write ${what} to the datastore: enforcement goes on, trying again`,
    );
  }
}
