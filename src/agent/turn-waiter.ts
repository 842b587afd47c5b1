import { toError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { TurnReport } from './turn-report.ts';

interface Waiting {
  readonly resolve: (report: TurnReport) => void;
  readonly reject: (error: Error) => void;
}

/** Lets others wait for a whole turn of the loop, one that begins after they asked. */
export class TurnWaiter {
  readonly #clock: Clock;
  #asked: Waiting[] = [];
  #begun: Waiting[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The outcome of the next turn that begins; rejects when it fails, or none ended within `limitMs`. */
  next(limitMs: number): Promise<TurnReport> {
    return new Promise((resolve, reject) => {
      const stop = this.#clock.after(limitMs, () => {
        reject(new Error(`nothing was written within ${limitMs / 1000} s`));
      });
      this.#asked.push({
        resolve: (report) => {
          stop();
          resolve(report);
        },
        reject: (error) => {
          stop();
          reject(error);
        },
      });
    });
  }

  turning(): void {
    this.#begun.push(...this.#asked);
    this.#asked = [];
  }

  turned(report: TurnReport): void {
    for (const { resolve } of this.#take()) resolve(report);
  }

  failed(error: Error): void {
    // Reading the table failed before a turn had begun: nobody gets anything now.
    const all = [...this.#take(), ...this.#asked];
    this.#asked = [];
    for (const { reject } of all) reject(toError(error));
  }

  #take(): readonly Waiting[] {
    const begun = this.#begun;
    this.#begun = [];
    return begun;
  }
}
