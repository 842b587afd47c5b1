import type { Clock } from '../base/clock.ts';

/**
 * Knows for how long each file has looked the way it does. A file is believed only when nobody has
 * written to it for a while: what is half written may be valid, and say less than its author meant.
 */
export class Settling {
  readonly #clock: Clock;
  readonly #seen = new Map<string, { readonly signature: string; readonly since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds for which the file has been unchanged, as far as can be known. */
  quietFor(name: string, signature: string, writtenAt?: number): number {
    const now = this.#clock.monotonic();
    const seen = this.#seen.get(name);
    if (seen?.signature !== signature) this.#seen.set(name, { signature, since: now });
    const watched = seen?.signature === signature ? now - seen.since : 0;
    const age = writtenAt === undefined ? 0 : this.#clock.now() - writtenAt;
    return Math.max(watched, age);
  }

  /** Everything seen so far has been believed. */
  forget(): void {
    this.#seen.clear();
  }
}
