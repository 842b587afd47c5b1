import type { TextList } from '../base/text-list.ts';
import { sameChain } from './canonical.ts';
import { changesOf } from './derived-chains.ts';
import type { ElementChange } from './element-set.ts';
import type { Chain, NamedSet, Ruleset, SetDeclaration } from './ruleset.ts';
import type { FoundChain, Operation, TableInventory, Transaction } from './transaction.ts';

/** What is known of our table in the kernel. */
export type Programmed =
  | { readonly kind: 'absent' }
  /** We put it there ourselves, and nobody touched it since. */
  | { readonly kind: 'known'; readonly ruleset: Ruleset }
  /** Left by an earlier process or changed by somebody: names are known, contents are not trusted. */
  | { readonly kind: 'found'; readonly inventory: TableInventory };

/**
 * The transaction that turns what is programmed into `desired`: empty when nothing differs. Counters that
 * stay keep their values. A table that was found is rewritten whole, in one step and without a gap.
 * `editsSets`: single elements can be deleted at little cost (see `TransportInfo`).
 */
export function diffRulesets(
  programmed: Programmed,
  desired: Ruleset,
  editsSets = false,
): Transaction {
  switch (programmed.kind) {
    case 'absent':
      return [{ op: 'add-table' }, ...populate(NOTHING, desired)];
    case 'known':
      return populate(programmed.ruleset, desired, editsSets);
    case 'found':
      return takeOver(programmed.inventory, desired);
  }
}

const NOTHING: Ruleset = { chains: new Map(), sets: new Map(), counters: new Set() };

// Additions in the order of dependence (counters, sets, chains, rules), removals in reverse.
function populate(from: Ruleset, to: Ruleset, editsSets = false): readonly Operation[] {
  const newCounters = from.counters === to.counters ? [] : missing(to.counters, from.counters);
  const areCountersKept = from.counters.size + newCounters.length === to.counters.size;
  const oldSets = from.sets === to.sets ? [] : missing(from.sets.keys(), to.sets);
  const oldCounters = areCountersKept ? [] : missing(from.counters, to.counters);
  return [
    ...newCounters.map((name): Operation => ({ op: 'add-counter', name })),
    ...(from.sets === to.sets ? [] : changedSets(from.sets, to.sets, editsSets)),
    ...(from.chains === to.chains ? [] : changedChains(from.chains, to.chains)),
    ...oldSets.map((name): Operation => ({ op: 'delete-set', name })),
    ...oldCounters.map((name): Operation => ({ op: 'delete-counter', name })),
  ];
}

function changedSets(
  from: ReadonlyMap<string, NamedSet>,
  to: ReadonlyMap<string, NamedSet>,
  editsSets: boolean,
): readonly Operation[] {
  const operations: Operation[] = [];
  for (const [name, set] of to) {
    const before = from.get(name);
    if (before === undefined) operations.push(addElements(set, set.elements.kept()));
    else if (before !== set) operations.push(...changedElements(before, set, editsSets));
  }
  return operations;
}

// By nft, removing single elements makes nftables before 1.1 load every set of the host first, a second beside
// 100,000 elements, and then costs extra for each one: only large interval sets are worth it, and there
// only for a few. Hash sets are written again faster at any size.
const EDIT_ABOVE = 2000;
const MOST_DELETIONS = 10;

function changedElements(
  before: NamedSet,
  set: NamedSet,
  editsSets: boolean,
): readonly Operation[] {
  const { elements } = set;
  const change =
    before.elements.lineage === elements.lineage
      ? elements.changesSince(before.elements.version)
      : null;
  if (change === null) return replaceElements(set);
  const { added, removed } = change;
  const addition = added.length === 0 ? [] : [addElements(set, added)];
  if (removed.length === 0) return addition;
  // nftables 1.0.6 loses a deletion when the same transaction adds to the same interval set.
  const isEdit = editsSets
    ? isShortEdit(change, elements.size)
    : set.kind === 'interval' &&
      added.length === 0 &&
      removed.length <= MOST_DELETIONS &&
      elements.size > EDIT_ABOVE;
  return isEdit
    ? [{ op: 'delete-elements', set: declarationOf(set), elements: removed }, ...addition]
    : replaceElements(set);
}

// Elements that come are looked for among those that go, until the transaction is committed: the kernel steps over all that
// lie next to each other, for each one that comes (Linux 6.18). Of many, in any order, that takes seconds.
const MOST_EXCHANGED = 8192;

function isShortEdit({ added, removed }: ElementChange, size: number): boolean {
  const count = removed.length + added.length;
  return count <= size && (added.length === 0 || count <= MOST_EXCHANGED);
}

// Networks by address, as their set gives them: then what came just before is found next to each.
function replaceElements(set: NamedSet): readonly Operation[] {
  return [{ op: 'flush-set', name: set.name }, addElements(set, set.elements.kept())];
}

function addElements(set: NamedSet, elements: TextList): Operation {
  return { op: 'add-elements', set: declarationOf(set), elements };
}

function declarationOf({ name, family, kind }: SetDeclaration): SetDeclaration {
  return { name, family, kind };
}

function changedChains(
  from: ReadonlyMap<string, Chain>,
  to: ReadonlyMap<string, Chain>,
): readonly Operation[] {
  const added: Chain[] = [];
  const changed: Chain[] = [];
  const obsolete: string[] = [];
  for (const { name, before, after } of changesOf(from, to)) {
    if (after === undefined) obsolete.push(name);
    else if (before === undefined) added.push(after);
    else if (!sameChain(before, after)) changed.push(after);
  }
  return [
    ...added.map(addChain),
    ...changed.map(({ name }) => flushChain(name)),
    ...[...added, ...changed].flatMap(addRules),
    ...obsolete.map(flushChain),
    ...obsolete.map((name): Operation => ({ op: 'delete-chain', name })),
  ];
}

// Everything that may refer to something else is emptied first, then what we do not want goes, then
// the ruleset is written as into an empty table. Counters that we want are left alone.
function takeOver(found: TableInventory, desired: Ruleset): readonly Operation[] {
  const isKept = (chain: FoundChain): boolean => sameBase(chain, desired.chains.get(chain.name));
  const counters = new Set(found.counters.map(({ name }) => name));
  return [
    { op: 'add-table' },
    ...found.chains.map(({ name }) => flushChain(name)),
    ...found.foreign.map(({ kind, name }): Operation => ({ op: 'delete-foreign', kind, name })),
    ...found.chains
      .filter((chain) => !isKept(chain))
      .map(({ name }): Operation => ({ op: 'delete-chain', name })),
    // Not emptied: until the commit the kernel would step over what goes, for each element that comes.
    ...found.sets.map(({ name }): Operation => ({ op: 'delete-set', name })),
    ...missing(counters, desired.counters).map((name): Operation => ({
      op: 'delete-counter',
      name,
    })),
    ...populate({ ...NOTHING, counters: intersection(counters, desired.counters) }, desired),
  ];
}

function sameBase(found: FoundChain, wanted: Chain | undefined): boolean {
  if (wanted === undefined || found.base === 'foreign') return false;
  return found.base?.hook === wanted.base?.hook && found.base?.priority === wanted.base?.priority;
}

function addChain({ name, base }: Chain): Operation {
  return { op: 'add-chain', name, base };
}

function flushChain(name: string): Operation {
  return { op: 'flush-chain', name };
}

function addRules(chain: Chain): readonly Operation[] {
  return chain.rules.map((rule): Operation => ({ op: 'add-rule', chain: chain.name, rule }));
}

function missing(
  names: Iterable<string>,
  present: { has(name: string): boolean },
): readonly string[] {
  const absent: string[] = [];
  for (const name of names) if (!present.has(name)) absent.push(name);
  return absent;
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((name) => b.has(name)));
}
