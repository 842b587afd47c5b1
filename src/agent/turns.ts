import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';

/** What a turn consists of, and when there is one. */
export interface TurnSteps {
  /** Whether a turn that is due begins now, waits until `begin` is called again, or has nothing to do. */
  decide(): 'begin' | 'wait' | 'drop';
  /** Learns what has to be known before. */
  prepare(): Promise<void>;
  /** Decides on what is known by then, and does it. */
  act(): Promise<void>;
  /** Told of a turn that failed; answers how long to wait before the next one. */
  failed(error: Error): number;
}

/**
 * One turn at a time: what becomes due during a turn is one more turn afterwards, and a turn that failed is tried
 * again after a while, before which there is none.
 */
export class Turns {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #steps: TurnSteps;
  #isDue = false;
  #isRunning = false;
  #isClosed = false;
  #retry: Cancel | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(clock: Pick<Clock, 'after'>, steps: TurnSteps) {
    this.#clock = clock;
    this.#steps = steps;
  }

  /** A turn is due. All that asks for it in one turn of the event loop gets one turn of ours. */
  due(): void {
    if (this.#isDue || this.#isClosed) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.begin();
    });
  }

  /** Begins the turn that is due, unless it has to wait. */
  begin(): void {
    if (!this.#isDue || this.#isRunning || this.#isClosed || this.#retry !== null) return;
    const decision = this.#steps.decide();
    if (decision === 'wait') return;
    this.#isDue = false;
    if (decision === 'drop') return;
    this.#isRunning = true;
    this.#last = this.#run();
  }

  /** Resolves when what is due has been tried. */
  async tried(): Promise<void> {
    // The turn begins in a microtask, or follows the one in flight.
    do await Promise.resolve(this.#last);
    while (this.#isRunning);
  }

  /** No turn begins any more. */
  stop(): void {
    this.#isClosed = true;
    this.#retry?.();
  }

  /** Resolves when the turn in flight has ended. */
  ended(): Promise<void> {
    return this.#last;
  }

  // Never rejects: a failed turn schedules the next attempt.
  async #run(): Promise<void> {
    try {
      await this.#steps.prepare();
      await this.#steps.act();
    } catch (thrown) {
      this.#tryLater(this.#steps.failed(toError(thrown)));
    } finally {
      this.#isRunning = false;
    }
    this.begin();
  }

  #tryLater(delayMs: number): void {
    if (this.#isClosed) return;
    this.#isDue = true;
    this.#retry = this.#clock.after(delayMs, () => {
      this.#retry = null;
      this.begin();
    });
  }
}
