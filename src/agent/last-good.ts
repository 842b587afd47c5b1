import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import { fixedElements } from '../ruleset/element-set.ts';
import { nftPieces } from '../ruleset/nft-text.ts';
import type { PrintableRuleset } from '../ruleset/nft-text.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import { breather } from './breather.ts';
import { writeDurably } from './durable-file.ts';
import type { TurnReport } from './turn-report.ts';
import { nftablesWith } from './nftables-with.ts';
import { ProgrammedSets } from './programmed-sets.ts';
import type { RememberedSet } from './programmed-sets.ts';

/** The file in the state directory that the boot unit loads. */
export const LAST_GOOD_FILE = 'last-good.nft';

/** What the file says about itself, and where it goes. */
export interface LastGoodOptions {
  readonly stateDir: string;
  readonly version: string;
  readonly nodeName: string;
  /** False while the rules in force may yet turn out to be bad. */
  readonly isSettled: () => boolean;
}

/** A ruleset with the elements that its sets were given. */
export interface Programmed extends PrintableRuleset {
  readonly sets: ReadonlyMap<string, RememberedSet>;
}

// What arrives within this time is saved at once.
const SETTLE_MS = 200;
// Saving takes at most a twentieth of the time. A host whose pods come and go is not to sync its disk all the time.
const REST_FACTOR = 20;
const SHORTEST_REST_MS = 10_000;
const RETRY_MS = 30_000;

/** The same with sets that can be read for as long as anybody likes. */
export function fixedRuleset(programmed: Programmed): Ruleset {
  const sets = Array.from(
    programmed.sets,
    ([name, set]) => [name, { ...set, elements: fixedElements(set.elements) }] as const,
  );
  return { ...programmed, sets: new Map(sets) };
}

/**
 * Saves what the kernel took last, as text for `nft -f`, so that a host is protected from power-on until its
 * daemon has synced. Never in the way of a turn: saving begins after it and gives way to the next one.
 */
export class LastGood {
  readonly #options: LastGoodOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sets = new ProgrammedSets();
  #report: TurnReport | null = null;
  #isDirty = false;
  #timer: Cancel | null = null;
  #saving: Promise<void> = Promise.resolve();
  #isSaving = false;
  #isClosed = false;
  /** Until then nothing is saved; by the monotonic clock. */
  #restsUntil = -Infinity;
  #error: string | null = null;

  constructor(
    options: LastGoodOptions,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The same port; what lands is remembered. */
  recording(nftables: Nftables): Nftables {
    return nftablesWith(nftables, {
      apply: async (transaction) => {
        const applied = await nftables.apply(transaction);
        this.#sets.landed(transaction);
        return applied;
      },
    });
  }

  /** A turn ended well: its ruleset is the last good one. */
  turned(report: TurnReport): void {
    const isKnown = this.#report !== null && report.written === null;
    this.#report = report;
    if (isKnown) return;
    this.#isDirty = true;
    this.#schedule();
  }

  /** The ruleset that landed last, its sets copied; null before the first and while the table is gone. */
  inForce(): Ruleset | null {
    const printable = this.programmed();
    if (printable === null) return null;
    return fixedRuleset(printable);
  }

  /** What the table held after the last turn; null before it, or while the table is known to be gone. */
  programmed(): Programmed | null {
    if (this.#report === null) return null;
    const { chains, counters, sets } = this.#report.ruleset;
    const remembered = this.#sets.snapshot();
    for (const name of sets.keys()) if (!remembered.has(name)) return null;
    return { chains, counters, sets: remembered };
  }

  /** The rules in force have turned out to be good. */
  settled(): void {
    if (this.#isDirty) this.#schedule();
  }

  /** Why the last good ruleset is not on disk. */
  faults(): readonly { readonly code: string; readonly message: string }[] {
    if (this.#error === null) return [];
    const file = `${this.#options.stateDir}/${LAST_GOOD_FILE}`;
    const message = `the rules in force could not be saved: after a reboot this host has older ones until it has synced. ${file}: ${this.#error}`;
    return [{ code: 'last-good-unsaved', message }];
  }

  /** Resolves when no save is under way. */
  get saved(): Promise<void> {
    return this.#saving;
  }

  /** Saves what is not saved yet, then stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.();
    await this.#saving;
    if (this.#isDirty) await this.#save();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#isSaving || this.#isClosed) return;
    const delayMs = Math.max(SETTLE_MS, this.#restsUntil - this.#clock.monotonic());
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = null;
      this.#saving = this.#save();
    });
  }

  // Never rejects.
  async #save(): Promise<void> {
    this.#isSaving = true;
    const startedAt = this.#clock.monotonic();
    const pause = breather(this.#clock);
    for (const steps = this.#sets.approach(); steps.next().done !== true;) await pause();
    const isSettled = this.#options.isSettled();
    // A table that was taken away meanwhile makes nothing good or bad.
    const ruleset = isSettled ? this.programmed() : null;
    if (isSettled) this.#isDirty = false;
    if (ruleset !== null) await this.#write(ruleset, startedAt);
    this.#isSaving = false;
    if (ruleset !== null && this.#isDirty) this.#schedule();
  }

  async #write(ruleset: PrintableRuleset, startedAt: number): Promise<void> {
    try {
      await writeDurably(this.#options.stateDir, LAST_GOOD_FILE, this.#text(ruleset));
      this.#error = null;
      const now = this.#clock.monotonic();
      this.#restsUntil = now + Math.max(SHORTEST_REST_MS, REST_FACTOR * (now - startedAt));
    } catch (thrown) {
      this.#fail(toError(thrown).message);
    }
  }

  #fail(error: string): void {
    if (error !== this.#error) this.#logger.error({ error }, 'could not save the last good rules');
    this.#error = error;
    this.#isDirty = true;
    this.#restsUntil = this.#clock.monotonic() + RETRY_MS;
  }

  *#text(ruleset: PrintableRuleset): Generator<string | Buffer, void> {
    const { version, nodeName } = this.#options;
    const at = new Date(this.#clock.now()).toISOString();
    yield `# Last good rules of ${nodeName}, written by rampartd ${version} on ${at}. Load with "nft -f".\n`;
    yield* nftPieces(ruleset);
  }
}
