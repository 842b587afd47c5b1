import type { Clock } from '../base/clock.ts';

// So long it may go on before others get their turn.
const SLICE_MS = 10;

/**
 * Does what arrives, in its order. What takes long comes in steps and gives way to others in between; what comes
 * meanwhile waits. All else is done before `add` returns.
 */
export class Intake {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #ended: () => void;
  readonly #waiting: Generator<undefined, void>[] = [];
  #isRunning = false;

  /** `ended` is called when what could not be done at once has been. */
  constructor(clock: Pick<Clock, 'monotonic'>, ended: () => void) {
    this.#clock = clock;
    this.#ended = ended;
  }

  /** Something is done in part, or waits. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Does this work, after what waits. */
  add(work: Generator<undefined, void>): void {
    this.#waiting.push(work);
    if (this.#waiting.length === 1) this.#run();
  }

  /** Completes what is done in part; what waits goes on waiting. */
  complete(): void {
    if (this.#isRunning) return;
    const [current] = this.#waiting;
    while (current !== undefined && current === this.#waiting[0]) this.#step(current);
  }

  /** Completes everything. */
  finish(): void {
    while (this.isBusy && !this.#isRunning) this.complete();
  }

  #run(): void {
    const end = this.#clock.monotonic() + SLICE_MS;
    for (let [current] = this.#waiting; current !== undefined; [current] = this.#waiting) {
      this.#step(current);
      if (current !== this.#waiting[0] || this.#clock.monotonic() < end) continue;
      setImmediate(() => {
        this.#run();
        if (!this.isBusy) setImmediate(this.#ended);
      });
      return;
    }
  }

  // Work that throws is over as well.
  #step(current: Generator<undefined, void>): void {
    let isOver = true;
    this.#isRunning = true;
    try {
      isOver = current.next().done === true;
    } finally {
      this.#isRunning = false;
      if (isOver) this.#waiting.shift();
    }
  }
}
