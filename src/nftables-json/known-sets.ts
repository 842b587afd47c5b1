import type { Match, SetDeclaration } from '../ruleset/ruleset.ts';
import type { Transaction } from '../ruleset/transaction.ts';

interface KnownSet {
  readonly declaration: SetDeclaration;
  /** How many elements it holds at most. */
  readonly size: number;
}

// The kernel goes through all of an interval set when elements come or go: half a millisecond for so many networks.
const LONG_SET = 5000;

/**
 * Named sets as they were declared and filled in transactions that landed. The kernel compares a register with a set of
 * another type without a word; nft does not, so rules on sets that are not known to fit are left to nft.
 */
export class KnownSets {
  readonly #sets = new Map<string, KnownSet>();

  /** Whether every rule of the transaction matches against sets that it, or an earlier one, declared to fit. */
  suit(transaction: Transaction): boolean {
    const own = new Map<string, SetDeclaration>();
    for (const operation of transaction) {
      if (operation.op === 'add-elements') own.set(operation.set.name, operation.set);
      if (operation.op !== 'add-rule') continue;
      const isKnown = operation.rule.matches.every((match) =>
        suits(match, (name) => own.get(name) ?? this.#sets.get(name)?.declaration),
      );
      if (!isKnown) return false;
    }
    return true;
  }

  /** Whether the kernel takes long for it, however small it is. */
  takeLong(transaction: Transaction): boolean {
    return transaction.some((operation) => {
      if (operation.op !== 'add-elements' && operation.op !== 'delete-elements') return false;
      const { kind, name } = operation.set;
      return kind === 'interval' && (this.#sets.get(name)?.size ?? 0) > LONG_SET;
    });
  }

  /** Takes note of a transaction that landed. */
  landed(transaction: Transaction): void {
    for (const operation of transaction) {
      if (operation.op === 'add-elements' || operation.op === 'delete-elements')
        this.#edited(operation);
      if (operation.op === 'flush-set') this.#flushed(operation.name);
      if (operation.op === 'delete-set') this.#sets.delete(operation.name);
      if (operation.op === 'delete-table') this.#sets.clear();
    }
  }

  #edited({ op, set, elements }: ElementOperation): void {
    const before = this.#sets.get(set.name)?.size ?? 0;
    const size =
      op === 'add-elements' ? before + elements.length : Math.max(0, before - elements.length);
    this.#sets.set(set.name, { declaration: set, size });
  }

  #flushed(name: string): void {
    const known = this.#sets.get(name);
    if (known !== undefined) this.#sets.set(name, { ...known, size: 0 });
  }
}

type ElementOperation = Extract<
  Transaction[number],
  { readonly op: 'add-elements' | 'delete-elements' }
>;

function suits(match: Match, find: (name: string) => SetDeclaration | undefined): boolean {
  if (match.kind !== 'address-set' && match.kind !== 'named-port') return true;
  const set = find(match.set);
  if (set?.family !== match.family) return false;
  return (set.kind === 'named-port') === (match.kind === 'named-port');
}
