/** Waits that double from `minMs` to `maxMs`, each shortened by up to half at random. */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(minMs: number, maxMs: number, random: () => number = Math.random) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const full = Math.min(this.#maxMs, this.#minMs * 2 ** this.#failures);
    if (full < this.#maxMs) this.#failures += 1;
    return full * (1 - this.#random() / 2);
  }

  /** The next wait is the shortest again. */
  reset(): void {
    this.#failures = 0;
  }
}
