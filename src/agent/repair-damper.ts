import type { Cancel, Clock } from '../base/clock.ts';
import type { ForeignChange } from '../nftables-json/nftables.ts';

/** Another program that keeps changing our table. */
export interface Fight {
  /** Changes since the table was last left alone. */
  readonly changes: number;
  /** The programs that made them, as far as they are known. */
  readonly programs: readonly string[];
}

// So many repairs in a row are made at once.
const FREE_REPAIRS = 10;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
// Longer than the longest delay: a program that answers each repair never counts as having stopped.
const QUIET_MS = 15_000;
const REMEMBERED_PROGRAMS = 10;

/**
 * Decides when a table that others changed is written again: at once, unless they change it over and over; then
 * after delays that double up to five seconds. Nobody wins such a fight, but it must not cost the host its CPU.
 */
export class RepairDamper {
  readonly #clock: Clock;
  readonly #repair: () => void;
  readonly #programs = new Set<string>();
  #changes = 0;
  #repairs = 0;
  #lastAt = 0;
  #waiting: Cancel | null = null;

  /** `repair` is called for each repair that is due, perhaps within `changed`. */
  constructor(clock: Clock, repair: () => void) {
    this.#clock = clock;
    this.#repair = repair;
  }

  /** Whether a repair is put off. */
  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** Somebody changed the table. Answers how long the repair is put off; null when one was put off already. */
  changed({ process }: ForeignChange): number | null {
    if (this.#isQuiet) this.#startAnew();
    this.#lastAt = this.#clock.monotonic();
    this.#changes += 1;
    if (process !== null && this.#programs.size < REMEMBERED_PROGRAMS)
      this.#programs.add(process.name);
    if (this.#waiting !== null) return null;
    this.#repairs += 1;
    return this.#repairAfter(delayMs(this.#repairs));
  }

  /** The fight that is under way; null when there is none. */
  get fight(): Fight | null {
    if (this.#repairs <= FREE_REPAIRS || this.#isQuiet) return null;
    return { changes: this.#changes, programs: [...this.#programs] };
  }

  /** No repair is made any more. */
  close(): void {
    this.#waiting?.();
  }

  #repairAfter(delay: number): number {
    if (delay === 0) {
      this.#repair();
    } else {
      this.#waiting = this.#clock.after(delay, () => {
        this.#waiting = null;
        this.#repair();
      });
    }
    return delay;
  }

  get #isQuiet(): boolean {
    return this.#waiting === null && this.#clock.monotonic() - this.#lastAt > QUIET_MS;
  }

  #startAnew(): void {
    this.#changes = 0;
    this.#repairs = 0;
    this.#programs.clear();
  }
}

function delayMs(repairs: number): number {
  if (repairs <= FREE_REPAIRS) return 0;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (repairs - FREE_REPAIRS - 1));
}
