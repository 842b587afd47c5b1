import type { TextList } from '../base/text-list.ts';
import type { PrintableElements } from '../ruleset/nft-text.ts';
import type { SetDeclaration } from '../ruleset/ruleset.ts';
import type { Operation, Transaction } from '../ruleset/transaction.ts';
import { ElementPages } from './element-pages.ts';

/** A set with the elements it had at one moment, readable at any later one. */
export type RememberedSet = SetDeclaration & { readonly elements: PrintableElements };

interface Held {
  readonly set: SetDeclaration;
  readonly pages: ElementPages;
}

/**
 * What the named sets of our table hold, learned from the transactions that landed: the policy's own members
 * may have moved on. The work of a transaction is that of its operations, whatever the sets hold.
 */
export class ProgrammedSets {
  readonly #held = new Map<string, Held>();
  /** Transactions that are not in `#held` yet, the first of them perhaps in part. */
  readonly #landed: Transaction[] = [];
  #taking: Generator<undefined, void> | null = null;

  /** Takes note of a transaction that landed. */
  landed(transaction: Transaction): void {
    this.#landed.push(transaction);
  }

  /** The sets as they are now; later transactions do not change the answer. */
  snapshot(): ReadonlyMap<string, RememberedSet> {
    while (this.#step());
    return new Map(
      Array.from(this.#held, ([name, { set, pages }]) => [name, { ...set, elements: pages }]),
    );
  }

  /** Prepares `snapshot` in steps of less than a millisecond. */
  *approach(): Generator<undefined, void> {
    while (this.#step()) yield;
  }

  // Whether there is more to do.
  #step(): boolean {
    const [transaction] = this.#landed;
    if (transaction === undefined) return false;
    this.#taking ??= this.#take(transaction);
    if (this.#taking.next().done === true) {
      this.#taking = null;
      this.#landed.shift();
    }
    return true;
  }

  *#take(transaction: Transaction): Generator<undefined, void> {
    // A transaction that makes the table writes everything that is wanted in it.
    if (transaction[0]?.op === 'add-table') this.#held.clear();
    for (const operation of transaction) yield* this.#note(operation);
  }

  *#note(operation: Operation): Generator<undefined, void> {
    const { op } = operation;
    if (op === 'add-elements') yield* this.#edit(operation.set, true, operation.elements);
    if (op === 'delete-elements') yield* this.#edit(operation.set, false, operation.elements);
    if (op === 'delete-set') this.#held.delete(operation.name);
    if (op === 'flush-set') {
      const held = this.#held.get(operation.name);
      if (held !== undefined)
        this.#held.set(operation.name, { ...held, pages: new ElementPages() });
    }
  }

  *#edit(set: SetDeclaration, added: boolean, elements: TextList): Generator<undefined, void> {
    const pages = this.#held.get(set.name)?.pages ?? new ElementPages();
    this.#held.set(set.name, { set, pages: yield* pages.edited(added, elements) });
  }
}
