import type { Clock } from '../base/clock.ts';
import { diffRulesets } from '../ruleset/diff.ts';
import type { Programmed } from '../ruleset/diff.ts';
import { NamedMaps } from '../ruleset/named-maps.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Transaction } from '../ruleset/transaction.ts';
import type { Applied, Nftables } from '../nftables-json/nftables.ts';

/** What a write came to; null: the kernel already held what was wanted. */
export type Written = Applied | null;

// After this many failures in a row the table is deleted and written anew, in one transaction.
const REBUILD_AFTER = 4;
/** A packet that was in rules when they were replaced has left them by then, even on a processor that was taken away meanwhile. */
export const LEFT_AFTER_MS = 10;
// After so many failures in a row nothing is spared for such packets: it may be in the way of what is wanted.
const SPARE_NOTHING_AFTER = 2;

/** What the table holds, and its maps. */
interface Present {
  readonly programmed: Programmed;
  readonly maps: NamedMaps;
}

/**
 * Makes our table equal to a ruleset, one transaction a call, and remembers what it holds. What is not
 * certain (the first call, a failure, somebody else's change) is read from the kernel first.
 */
export class TableWriter {
  readonly #nftables: Nftables;
  readonly #clock: Pick<Clock, 'monotonic'>;
  // Null: not known, to be read.
  #programmed: Programmed | null = null;
  // Of what was programmed last.
  #maps = new NamedMaps();
  #doubts = 0;
  #failures = 0;
  #underWay = 0;

  constructor(nftables: Nftables, clock: Pick<Clock, 'monotonic'>) {
    this.#nftables = nftables;
    this.#clock = clock;
  }

  /** Failed writes since the last one that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the table still has what only packets on their way may need: a write that comes late enough deletes it, or `tidy`. */
  get isUntidy(): boolean {
    return this.#maps.spent.length > 0;
  }

  /** Deletes what has been of no use for long enough, unless another call is under way. Rejects with NftablesError. */
  async tidy(): Promise<void> {
    if (this.#underWay > 0) return;
    const steps = this.#maps.follow([], this.#clock.monotonic(), LEFT_AFTER_MS);
    if (steps.length === 0) return;
    try {
      await this.#nftables.apply(steps);
    } catch (error) {
      this.doubt();
      throw error;
    }
  }

  /** Somebody else may have changed the table: the next write starts from what the kernel holds. */
  doubt(): void {
    this.#doubts += 1;
    this.#programmed = null;
  }

  /** Learns what the table holds, if need be; afterwards `write` asks for what is wanted at once. */
  async prepare(): Promise<void> {
    try {
      if (!this.#isRebuild) await this.#during(() => this.#present());
    } catch (error) {
      this.#failures += 1;
      throw error;
    }
  }

  /** Whether anything at all is in force, ours or an earlier process's. */
  async isTablePresent(): Promise<boolean> {
    const { programmed } = await this.#during(() => this.#present());
    return programmed.kind !== 'absent';
  }

  /**
   * Writes the difference to what `desired` answers, asked once the present state is known: members of
   * sets are kept in the same turn of the event loop. Rejects with NftablesError; the next write then reads
   * what the kernel holds.
   */
  write<Desire extends { readonly ruleset: Ruleset }>(
    desire: () => Desire,
  ): Promise<Desire & { readonly written: Written }> {
    return this.#during(() => this.#write(desire));
  }

  async #write<Desire extends { readonly ruleset: Ruleset }>(
    desire: () => Desire,
  ): Promise<Desire & { readonly written: Written }> {
    const doubts = this.#doubts;
    try {
      const { programmed, maps } = this.#isRebuild ? nothing() : await this.#present();
      const desired = desire();
      const { ruleset } = desired;
      const transaction = this.#transaction(programmed, ruleset);
      const applied = await this.#apply(transaction, maps);
      const written = transaction.length === 0 ? null : applied;
      this.#maps = maps;
      this.#failures = 0;
      this.#programmed = doubts === this.#doubts ? { kind: 'known', ruleset } : null;
      return { ...desired, written };
    } catch (error) {
      this.#failures += 1;
      this.#programmed = null;
      throw error;
    }
  }

  /** Deletes the table; answers whether there was one. Rejects with NftablesError. */
  takeAway(): Promise<boolean> {
    return this.#during(() => this.#takeAway());
  }

  async #takeAway(): Promise<boolean> {
    const doubts = this.#doubts;
    try {
      if (!this.#isRebuild && (await this.#present()).programmed.kind === 'absent') return false;
      await this.#nftables.apply([{ op: 'add-table' }, { op: 'delete-table' }]);
      this.#failures = 0;
      this.#maps = new NamedMaps();
      this.#programmed = doubts === this.#doubts ? { kind: 'absent' } : null;
      return true;
    } catch (error) {
      this.#failures += 1;
      this.#programmed = null;
      throw error;
    }
  }

  async #apply(transaction: Transaction, maps: NamedMaps): Promise<Applied | null> {
    const restMs = this.#failures < SPARE_NOTHING_AFTER ? LEFT_AFTER_MS : 0;
    const steps = maps.follow(transaction, this.#clock.monotonic(), restMs);
    if (steps.length === 0) return null;
    const applied = await this.#nftables.apply(steps);
    maps.landed(this.#clock.monotonic());
    return applied;
  }

  async #during<T>(task: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await task();
    } finally {
      this.#underWay -= 1;
    }
  }

  #transaction(programmed: Programmed, desired: Ruleset): Transaction {
    const { editsSets } = this.#nftables.info;
    if (!this.#isRebuild) return diffRulesets(programmed, desired, editsSets);
    const [addTable, ...rest] = diffRulesets({ kind: 'absent' }, desired);
    return addTable === undefined ? [] : [addTable, { op: 'delete-table' }, addTable, ...rest];
  }

  // A rebuild does not ask what is there: a table that cannot be listed can still be replaced.
  get #isRebuild(): boolean {
    return this.#failures >= REBUILD_AFTER;
  }

  // A change that is heard of while the table is read may be missing from what was read: then the answer
  // serves the caller, whose write leaves the table in doubt, and is not remembered.
  async #present(): Promise<Present> {
    if (this.#programmed !== null) return { programmed: this.#programmed, maps: this.#maps };
    const doubts = this.#doubts;
    const inventory = await this.#nftables.read();
    if (inventory === null) return this.#remember(nothing(), doubts);
    const maps = new NamedMaps(inventory, this.#maps);
    return this.#remember({ programmed: { kind: 'found', inventory }, maps }, doubts);
  }

  #remember(present: Present, doubts: number): Present {
    if (doubts === this.#doubts)
      [this.#programmed, this.#maps] = [present.programmed, present.maps];
    return present;
  }
}

function nothing(): Present {
  return { programmed: { kind: 'absent' }, maps: new NamedMaps() };
}
