import type { SetDeclaration } from '../ruleset/ruleset.ts';
import type { Operation, Transaction } from '../ruleset/transaction.ts';

/** A set with the elements it had at one moment, readable at any later one. */
export type RememberedSet = SetDeclaration & { readonly elements: Iterable<string> };

interface Entry {
  readonly added: boolean;
  readonly elements: readonly string[];
}

interface Journal {
  readonly set: SetDeclaration;
  /** Never changed, only replaced. */
  readonly entries: readonly Entry[];
}

// A set that was edited this often is written down anew.
const MOST_ENTRIES = 1000;

/**
 * What the named sets of our table hold, learned from the transactions that landed: views of the policy's
 * members may only be read while their transaction is encoded. The work of a transaction is that of its
 * operations, whatever the sets hold.
 */
export class ProgrammedSets {
  readonly #journals = new Map<string, Journal>();

  /** Takes note of a transaction that landed; its elements must be readable, as `captureTransaction` makes them. */
  landed(transaction: Transaction): void {
    // A transaction that makes the table writes everything that is wanted in it.
    if (transaction[0]?.op === 'add-table') this.#journals.clear();
    for (const operation of transaction) this.#note(operation);
  }

  /** The sets as they are now; later transactions do not change the answer. */
  snapshot(): ReadonlyMap<string, RememberedSet> {
    return new Map(
      Array.from(this.#journals, ([name, { set, entries }]) => [
        name,
        { ...set, elements: { [Symbol.iterator]: () => present(entries) } },
      ]),
    );
  }

  #note(operation: Operation): void {
    const { op } = operation;
    if (op === 'add-elements') this.#edit(operation.set, true, operation.elements);
    if (op === 'delete-elements') this.#edit(operation.set, false, operation.elements);
    if (op === 'delete-set') this.#journals.delete(operation.name);
    if (op === 'flush-set') {
      const journal = this.#journals.get(operation.name);
      if (journal !== undefined) this.#journals.set(operation.name, { ...journal, entries: [] });
    }
  }

  #edit(set: SetDeclaration, added: boolean, elements: Iterable<string>): void {
    const entries = [...(this.#journals.get(set.name)?.entries ?? [])];
    entries.push({ added, elements: Array.isArray(elements) ? elements : [...elements] });
    const isLong = entries.length > MOST_ENTRIES;
    this.#journals.set(set.name, {
      set,
      entries: isLong ? [{ added: true, elements: [...present(entries)] }] : entries,
    });
  }
}

// An element is deleted only while it is there, so going backwards the first word on it is the last.
function* present(entries: readonly Entry[]): Generator<string, void> {
  const gone = new Set<string>();
  for (const { added, elements } of entries.toReversed()) {
    for (const element of elements) {
      if (!added) gone.add(element);
      else if (!gone.has(element)) yield element;
    }
  }
}
