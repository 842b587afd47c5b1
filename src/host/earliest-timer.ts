import type { Cancel, Clock } from '../base/clock.ts';

/** Runs one task soon: of several wishes the earliest counts, and one run answers all of them. */
export class EarliestTimer {
  readonly #clock: Clock;
  readonly #task: () => void;
  #dueAt = Infinity;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, task: () => void) {
    this.#clock = clock;
    this.#task = task;
  }

  /** Makes the task run in `delayMs` at the latest. */
  within(delayMs: number): void {
    const dueAt = this.#clock.monotonic() + delayMs;
    if (dueAt >= this.#dueAt) return;
    this.#cancel();
    this.#dueAt = dueAt;
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#dueAt = Infinity;
      this.#task();
    });
  }

  /** Forgets the wishes so far. */
  cancel(): void {
    this.#dueAt = Infinity;
    this.#cancel();
  }
}
