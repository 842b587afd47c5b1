import type { Cancel, Clock } from '../../src/base/clock.ts';

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #time = 0;
  #tasks: { readonly at: number; readonly task: () => void }[] = [];

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  after(delayMs: number, task: () => void): Cancel {
    const entry = { at: this.#time + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Moves time forward and runs what falls due on the way, in order. */
  advance(byMs: number): void {
    const end = this.#time + byMs;
    for (;;) {
      const due = this.#tasks.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== due);
      this.#time = due.at;
      due.task();
    }
    this.#time = end;
  }
}
