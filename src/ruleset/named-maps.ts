import { sameVerdict } from './canonical.ts';
import { lookupOf } from './references.ts';
import type { MapVerdict } from './ruleset.ts';
import type { Operation, TableInventory, Transaction } from './transaction.ts';

/** A map that a rule looks verdicts up in. */
interface HeldMap {
  readonly name: string;
  readonly verdict: MapVerdict;
}

/** A map that no rule refers to any more, and chains that it may lead to. */
interface SpentMap {
  readonly name: string;
  readonly chains: ReadonlySet<string>;
  /** Since when, milliseconds. */
  readonly since: number;
}

/** Maps by the chain whose rules refer to them. */
type Holdings = Map<string, HeldMap[]>;

/**
 * The verdict maps of our table, each under a name of its own. A map that goes together with its rule is emptied some 0.1 µs
 * before the last packet has left the rule (Linux 6.18), which then finds nothing and goes on behind it. So a map stays for a
 * while after its rule, and so do the chains that it leads to: of them such a packet meets the old rules, whatever they hold now.
 */
export class NamedMaps {
  readonly #held: Holdings = new Map();
  #found: readonly Omit<SpentMap, 'since'>[];
  readonly #names: Set<string>;
  /** Emptied chains that spent maps lead to. */
  readonly #withheld = new Set<string>();
  #spent: readonly SpentMap[] = [];
  #last = 0;

  /** Of an empty table, or of one that was found and whose chains are all emptied next. */
  constructor(
    { chains, maps }: Pick<TableInventory, 'chains' | 'maps'> = { chains: [], maps: [] },
  ) {
    const callable = new Set(chains.filter(({ base }) => base === null).map(({ name }) => name));
    this.#found = maps.map(({ name }) => ({ name, chains: callable }));
    this.#names = new Set(maps.map(({ name }) => name));
  }

  /** Whether there is something left that only packets in old rules may need. */
  get hasSpent(): boolean {
    return this.#spent.length > 0;
  }

  /**
   * The transaction with its maps named, and without what may still be needed; what has been of no use for `restMs` is deleted
   * as well. It has to be carried out: this is what follows it.
   */
  follow(transaction: Transaction, now: number, restMs: number): Transaction {
    const loose: Holdings = new Map();
    const steps = transaction.flatMap((operation) => this.#name(operation, loose));
    this.#spend(loose, now);
    if (this.#spent.length === 0) return steps;
    const isDue = ({ since }: SpentMap): boolean => since + restMs <= now;
    const due = this.#spent.filter(isDue);
    this.#spent = this.#spent.filter((map) => !isDue(map));
    return this.#tidied(steps, due);
  }

  #name(operation: Operation, loose: Holdings): Operation | readonly Operation[] {
    if (operation.op === 'add-rule') return this.#nameRule(operation, loose);
    if (operation.op === 'delete-table') {
      this.#forget();
      loose.clear();
    }
    if (operation.op === 'flush-chain' || operation.op === 'delete-chain') {
      const held = this.#held.get(operation.name);
      if (held !== undefined) loose.set(operation.name, held);
      this.#held.delete(operation.name);
    }
    return operation;
  }

  // What a chain had looked verdicts up in before serves again where it is the same.
  #nameRule(
    operation: Extract<Operation, { readonly op: 'add-rule' }>,
    loose: Holdings,
  ): readonly Operation[] {
    const { chain, rule } = operation;
    const verdict = lookupOf(rule);
    if (verdict === null) return [operation];
    const before = loose.get(chain) ?? [];
    const index = before.findIndex((map) => sameVerdict(map.verdict, verdict));
    const [known] = index < 0 ? [] : before.splice(index, 1);
    const map = known ?? { name: this.#newName(), verdict };
    const held = this.#held.get(chain);
    if (held === undefined) this.#held.set(chain, [map]);
    else held.push(map);
    const named = { ...operation, map: map.name };
    return known === undefined ? [{ op: 'add-map', ...map }, named] : [named];
  }

  #spend(loose: Holdings, now: number): void {
    const spent = this.#found.map((map) => ({ ...map, since: now }));
    this.#found = [];
    for (const { name, verdict } of [...loose.values()].flat())
      spent.push({ name, chains: new Set(verdict.chains.values()), since: now });
    if (spent.length > 0) this.#spent = [...this.#spent, ...spent];
  }

  #forget(): void {
    this.#held.clear();
    this.#names.clear();
    this.#withheld.clear();
    [this.#found, this.#spent] = [[], []];
  }

  // Rules are emptied before anything is deleted, so that nothing refers to what is due by then.
  #tidied(steps: Transaction, due: readonly SpentMap[]): Transaction {
    const needed = this.#neededChains();
    const deletions = due.map(({ name }): Operation => ({ op: 'delete-map', name }));
    for (const { name } of due) this.#names.delete(name);
    const kept: Operation[] = [];
    for (const step of steps) {
      if (step.op === 'add-chain') this.#withheld.delete(step.name);
      if (step.op === 'delete-chain') kept.push(...deletions.splice(0));
      if (step.op === 'delete-chain' && needed.has(step.name)) this.#withheld.add(step.name);
      else kept.push(step);
    }
    return [...kept, ...deletions, ...this.#released(needed)];
  }

  // Maps that were found share one set of chains.
  #neededChains(): ReadonlySet<string> {
    const needed = new Set<string>();
    for (const chains of new Set(this.#spent.map((map) => map.chains)))
      for (const name of chains) needed.add(name);
    return needed;
  }

  #released(needed: ReadonlySet<string>): readonly Operation[] {
    const released = [...this.#withheld].filter((name) => !needed.has(name));
    for (const name of released) this.#withheld.delete(name);
    return released.map((name) => ({ op: 'delete-chain', name }));
  }

  #newName(): string {
    let name;
    do name = `m-${(this.#last += 1)}`;
    while (this.#names.has(name));
    this.#names.add(name);
    return name;
  }
}
