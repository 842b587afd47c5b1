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
export interface SpentMap {
  readonly name: string;
  readonly chains: ReadonlySet<string>;
  /** Since when, milliseconds; null until the transaction has landed that made it so. */
  readonly since: number | null;
}

const PREFIX = 'm-';

/** Whether a map of that name may be one of these, by this process or an earlier one. */
export function isOurMap(name: string): boolean {
  return name.startsWith(PREFIX);
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
  #found: readonly SpentMap[];
  readonly #names: Set<string>;
  /** Emptied chains that spent maps lead to. */
  readonly #withheld = new Set<string>();
  #spent: readonly SpentMap[] = [];
  #last = 0;

  /**
   * Of an empty table, or of one that was found and whose chains are all emptied next. `earlier` is what this process last knew
   * of it.
   */
  constructor(found: Pick<TableInventory, 'chains' | 'maps'> = NOTHING, earlier?: NamedMaps) {
    const callable = found.chains.filter(({ base }) => base === null).map(({ name }) => name);
    const chains = new Set(callable);
    const spent = new Map(earlier?.spent.map(({ name, since }) => [name, since]));
    this.#found = found.maps.map(({ name }) => ({ name, chains, since: spent.get(name) ?? null }));
    this.#names = new Set(found.maps.map(({ name }) => name));
  }

  /** What is left that only packets in old rules may need. */
  get spent(): readonly SpentMap[] {
    return this.#spent;
  }

  /**
   * The transaction with its maps named, and without what may still be needed; what has been of no use for `restMs` is deleted
   * as well, and everything at once where that is 0. It has to be carried out: this is what follows it, and `landed` then.
   */
  follow(transaction: Transaction, now: number, restMs: number): Transaction {
    const loose: Holdings = new Map();
    const steps = transaction.flatMap((operation) => this.#name(operation, loose));
    this.#spend(loose);
    if (this.#spent.length === 0) return steps;
    const isDue = ({ since }: SpentMap): boolean =>
      restMs === 0 || (since !== null && since + restMs <= now);
    const due = this.#spent.filter(isDue);
    this.#spent = this.#spent.filter((map) => !isDue(map));
    return this.#tidied(steps, due);
  }

  /** What `follow` answered was carried out by then. */
  landed(now: number): void {
    if (this.#spent.some(({ since }) => since === null))
      this.#spent = this.#spent.map((map) => ({ ...map, since: map.since ?? now }));
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

  #spend(loose: Holdings): void {
    const spent = [...loose.values()].flat().map(({ name, verdict }): SpentMap => ({
      ...{ name, chains: new Set(verdict.chains.values()), since: null },
    }));
    if (this.#found.length + spent.length > 0)
      this.#spent = [...this.#spent, ...this.#found, ...spent];
    this.#found = [];
  }

  #forget(): void {
    this.#held.clear();
    this.#names.clear();
    this.#withheld.clear();
    [this.#found, this.#spent] = [[], []];
  }

  // No rule refers to what is due once rules are emptied, and other things may wait for it to go.
  #tidied(steps: Transaction, due: readonly SpentMap[]): Transaction {
    const emptied = steps.findLastIndex(({ op }) => op === 'flush-chain') + 1;
    const deletions = due.map(({ name }): Operation => ({ op: 'delete-map', name }));
    for (const { name } of due) this.#names.delete(name);
    const needed = this.#neededChains(steps);
    const rest = steps.slice(emptied).filter((step) => this.#isKept(step, needed));
    return [...steps.slice(0, emptied), ...deletions, ...rest, ...this.#released(needed)];
  }

  #isKept(step: Operation, needed: ReadonlySet<string>): boolean {
    if (step.op === 'add-chain') this.#withheld.delete(step.name);
    if (step.op !== 'delete-chain' || !needed.has(step.name)) return true;
    this.#withheld.add(step.name);
    return false;
  }

  // Maps that were found share one set of chains. What is a hook from now on cannot be a chain that they lead to.
  #neededChains(steps: Transaction): ReadonlySet<string> {
    const needed = new Set<string>();
    for (const chains of new Set(this.#spent.map((map) => map.chains)))
      for (const name of chains) needed.add(name);
    for (const step of steps)
      if (step.op === 'add-chain' && step.base !== null) needed.delete(step.name);
    return needed;
  }

  #released(needed: ReadonlySet<string>): readonly Operation[] {
    const released = [...this.#withheld].filter((name) => !needed.has(name));
    for (const name of released) this.#withheld.delete(name);
    return released.map((name) => ({ op: 'delete-chain', name }));
  }

  #newName(): string {
    let name;
    do name = `${PREFIX}${(this.#last += 1)}`;
    while (this.#names.has(name));
    this.#names.add(name);
    return name;
  }
}

const NOTHING: Pick<TableInventory, 'chains' | 'maps'> = { chains: [], maps: [] };
