import type { Cancel, Clock } from '../base/clock.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import { joinObjects } from './history-changes.ts';
import type { Moment } from './history-changes.ts';

/** Changes of rules within this time become one: comparing takes milliseconds where policies are many. */
export const HISTORY_SETTLE_MS = 200;

/** What came into force last, and the moment, with the objects of all changes since the last comparison. */
export interface SettledPolicy {
  readonly endpoints: LocalPolicy['endpoints'];
  readonly moment: Moment;
}

/** Lets rules settle before they are compared. */
export class SettlingPolicy {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #settled: () => void;
  #endpoints: LocalPolicy['endpoints'] | null = null;
  #waiting: SettledPolicy | null = null;
  #cancel: Cancel = () => undefined;

  /** `settled` is called when it is time to `take` what waits. */
  constructor(clock: Pick<Clock, 'after'>, settled: () => void) {
    this.#clock = clock;
    this.#settled = settled;
  }

  /** These are in force now; the same as before are no news. */
  use(endpoints: LocalPolicy['endpoints'], moment: Moment): void {
    if (endpoints === this.#endpoints) return;
    this.#endpoints = endpoints;
    if (this.#waiting === null) this.#cancel = this.#clock.after(HISTORY_SETTLE_MS, this.#settled);
    const objects = joinObjects(this.#waiting?.moment.objects ?? [], moment.objects);
    this.#waiting = { endpoints, moment: { ...moment, objects } };
  }

  /** What waits to be compared, which is the caller's from now on; null: nothing. */
  take(): SettledPolicy | null {
    this.#cancel();
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}
