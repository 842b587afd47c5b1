import { sameChain } from './canonical.ts';
import { changesOf } from './derived-chains.ts';
import { chainReferences } from './references.ts';
import type { Chain, Ruleset } from './ruleset.ts';
import { setChanges } from './set-changes.ts';
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
 * stay keep their values. A table that was found is rewritten whole, in one step and without a gap; its maps are the affair of
 * `NamedMaps`, and so are chains that they lead to.
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

// What refers to sets goes before they do; then additions in the order of dependence (counters, sets, chains, rules), and what
// was referred to goes last.
function populate(from: Ruleset, to: Ruleset, editsSets = false): readonly Operation[] {
  const newCounters = from.counters === to.counters ? [] : missing(to.counters, from.counters);
  const areCountersKept = from.counters.size + newCounters.length === to.counters.size;
  const oldSets = from.sets === to.sets ? [] : missing(from.sets.keys(), to.sets);
  const oldCounters = areCountersKept ? [] : missing(from.counters, to.counters);
  const { anew, operations } = setChanges(from.sets, to.sets, editsSets);
  const { added, changed, obsolete } = chainChanges(from.chains, to.chains, anew);
  return [
    ...newCounters.map((name): Operation => ({ op: 'add-counter', name })),
    ...[...changed.map(({ name }) => name), ...obsolete].map(flushChain),
    ...[...anew, ...oldSets].map((name): Operation => ({ op: 'delete-set', name })),
    ...operations,
    ...added.map(addChain),
    ...[...added, ...changed].flatMap(addRules),
    ...obsolete.map((name): Operation => ({ op: 'delete-chain', name })),
    ...oldCounters.map((name): Operation => ({ op: 'delete-counter', name })),
  ];
}

interface ChainChanges {
  readonly added: readonly Chain[];
  readonly changed: readonly Chain[];
  readonly obsolete: readonly string[];
}

// What refers to sets that are made anew has changed.
function chainChanges(
  from: Ruleset['chains'],
  to: Ruleset['chains'],
  anew: ReadonlySet<string>,
): ChainChanges {
  const added: Chain[] = [];
  const changed = new Map<string, Chain>();
  const obsolete: string[] = [];
  for (const { name, before, after } of changesOf(from, to)) {
    if (after === undefined) obsolete.push(name);
    else if (before === undefined) added.push(after);
    else if (!sameChain(before, after)) changed.set(name, after);
  }
  for (const [name, chain] of anew.size === 0 ? [] : to)
    if (from.has(name) && refersTo(chain, anew)) changed.set(name, chain);
  return { added, changed: [...changed.values()], obsolete };
}

function refersTo(chain: Chain, sets: ReadonlySet<string>): boolean {
  return [...chainReferences(chain).sets].some((name) => sets.has(name));
}

// Chains, which may refer to something else, are emptied first, then what we do not want goes, then
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
