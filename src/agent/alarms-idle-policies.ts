import { sameItems } from '../base/same-items.ts';
import type { Cancel, Clock } from '../base/clock.ts';
import type { Policy } from '../policy/local-policy.ts';

/** What is surveyed, and when to give way. */
export interface SurveyInputs {
  readonly clock: Clock;
  /** Differs whenever policies changed. */
  readonly version: () => number;
  readonly start: () => Generator<undefined, readonly Policy[]>;
  /** A survey ended with another outcome than the one before. */
  readonly changed: () => void;
}

/** How old an outcome may become while policies stay the same: endpoints and labels change more often. */
export const SURVEY_INTERVAL_MS = 60_000;
/** How long after a survey the next one may begin when policies changed. */
export const SURVEY_PAUSE_MS = 5_000;

const SLICE_MS = 5;

/**
 * Knows which policies select no endpoint anywhere. Looks again when asked to and it is time to, in slices
 * of a few milliseconds between which packets, updates and requests are attended to.
 */
export class PolicySurvey {
  readonly #inputs: SurveyInputs;
  #idle: readonly Policy[] = [];
  #finished: { readonly at: number; readonly version: number } | null = null;
  #next: Cancel | null = null;

  constructor(inputs: SurveyInputs) {
    this.#inputs = inputs;
  }

  /** The outcome of the last survey; empty before the first one. */
  get idle(): readonly Policy[] {
    return this.#idle;
  }

  /** Begins a survey if one is due and none is under way. */
  refresh(): void {
    if (this.#next !== null || !this.#isDue()) return;
    const version = this.#inputs.version();
    this.#continue(this.#inputs.start(), version);
  }

  /** Abandons a survey that is under way. */
  close(): void {
    this.#next?.();
  }

  #isDue(): boolean {
    if (this.#finished === null) return true;
    const { clock, version } = this.#inputs;
    const age = clock.monotonic() - this.#finished.at;
    return age >= (version() === this.#finished.version ? SURVEY_INTERVAL_MS : SURVEY_PAUSE_MS);
  }

  #continue(survey: Generator<undefined, readonly Policy[]>, version: number): void {
    const { clock } = this.#inputs;
    this.#next = clock.after(0, () => {
      const sliceEnd = clock.monotonic() + SLICE_MS;
      do {
        const step = survey.next();
        if (step.done === true) {
          this.#finish(step.value, version);
          return;
        }
      } while (clock.monotonic() < sliceEnd);
      this.#continue(survey, version);
    });
  }

  #finish(idle: readonly Policy[], version: number): void {
    const isSame = sameItems(idle, this.#idle);
    this.#next = null;
    this.#finished = { at: this.#inputs.clock.monotonic(), version };
    this.#idle = idle;
    if (!isSame) this.#inputs.changed();
  }
}
