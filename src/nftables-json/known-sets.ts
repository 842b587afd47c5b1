import type { Match, SetDeclaration } from '../ruleset/ruleset.ts';
import type { Transaction } from '../ruleset/transaction.ts';

/**
 * Named sets as they were declared in transactions that landed. The kernel compares a register with a set of
 * another type without a word; nft does not, so rules on sets that are not known to fit are left to nft.
 */
export class KnownSets {
  readonly #sets = new Map<string, SetDeclaration>();

  /** Whether every rule of the transaction matches against sets that it, or an earlier one, declared to fit. */
  suit(transaction: Transaction): boolean {
    const own = new Map<string, SetDeclaration>();
    for (const operation of transaction) {
      if (operation.op === 'add-elements') own.set(operation.set.name, operation.set);
      if (operation.op !== 'add-rule') continue;
      const isKnown = operation.rule.matches.every((match) =>
        suits(match, (name) => own.get(name) ?? this.#sets.get(name)),
      );
      if (!isKnown) return false;
    }
    return true;
  }

  /** Takes note of a transaction that landed. */
  landed(transaction: Transaction): void {
    for (const operation of transaction) {
      if (operation.op === 'add-elements') this.#sets.set(operation.set.name, operation.set);
      if (operation.op === 'delete-set') this.#sets.delete(operation.name);
      if (operation.op === 'delete-table') this.#sets.clear();
    }
  }
}

function suits(match: Match, find: (name: string) => SetDeclaration | undefined): boolean {
  if (match.kind !== 'address-set' && match.kind !== 'named-port') return true;
  const set = find(match.set);
  if (set?.family !== match.family) return false;
  return (set.kind === 'named-port') === (match.kind === 'named-port');
}
