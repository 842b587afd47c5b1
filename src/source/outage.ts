import type { Cancel, Clock } from '../base/clock.ts';

/** Tells once per outage that the datastore is lost, and not at all when it is back within the grace. */
export class Outage {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #report: (error: Error) => void;
  #error: Error | undefined;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, graceMs: number, report: (error: Error) => void) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#report = report;
  }

  /** Another attempt failed; the latest reason is the one that will be told. */
  failed(error: Error): void {
    const first = this.#error === undefined;
    this.#error = error;
    if (!first) return;
    this.#cancel = this.#clock.after(this.#graceMs, () => {
      if (this.#error !== undefined) this.#report(this.#error);
    });
  }

  /** In sync again, or closed. */
  over(): void {
    this.#cancel();
    this.#error = undefined;
  }
}
