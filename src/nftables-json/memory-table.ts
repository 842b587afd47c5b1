import { NftablesError } from '../base/errors.ts';
import type { NftablesErrorKind } from '../base/errors.ts';
import type { BaseHook, MapVerdict, Rule, SetDeclaration } from '../ruleset/ruleset.ts';
import type { ForeignKind, Operation } from '../ruleset/transaction.ts';
import { hasOverlap, spanOf } from './element-span.ts';
import { checkProtocols } from './rule-protocols.ts';
import { calledChains, referencesOf } from './rule-references.ts';

/** A chain of a memory table. */
export interface MemoryChain {
  readonly name: string;
  readonly base: BaseHook | null;
  readonly rules: readonly Rule[];
  /** Names of the maps that they look verdicts up in. */
  readonly maps: readonly string[];
}

/** A set of a memory table: elements by their canonical text, so that `10.0.0.1` and `10.0.0.1/32` are one. */
export interface MemorySet {
  readonly declaration: SetDeclaration;
  readonly elements: ReadonlyMap<string, string>;
}

/** A table without a kernel. Its parts are values: a copy of the maps is a copy of the table. */
export interface MemoryTable {
  readonly chains: Map<string, MemoryChain>;
  readonly sets: Map<string, MemorySet>;
  readonly maps: Map<string, MapVerdict>;
  readonly counters: Set<string>;
  readonly foreign: Map<string, { readonly kind: ForeignKind; readonly name: string }>;
}

/** A table that holds nothing. */
export function emptyTable(): MemoryTable {
  return {
    ...{ chains: new Map(), sets: new Map(), maps: new Map() },
    ...{ counters: new Set(), foreign: new Map() },
  };
}

/** A copy that can be changed without changing `table`. */
export function copyTable(table: MemoryTable): MemoryTable {
  return {
    chains: new Map(table.chains),
    sets: new Map(table.sets),
    maps: new Map(table.maps),
    counters: new Set(table.counters),
    foreign: new Map(table.foreign),
  };
}

/** Where an object of a kind that we never create is kept in `MemoryTable.foreign`. */
export function foreignKey(kind: ForeignKind, name: string): string {
  return `${kind} ${name}`;
}

/**
 * Carries out one step that needs a table, changing `table`. Throws NftablesError as the kernel would
 * refuse it; the table is then to be thrown away.
 */
export function applyToTable(table: MemoryTable, operation: TableStep): void {
  if (isDeletion(operation)) {
    deleteObject(table, operation);
    return;
  }
  switch (operation.op) {
    case 'add-counter':
      table.counters.add(operation.name);
      break;
    case 'add-elements':
      addElements(table, operation.set, operation.elements);
      break;
    case 'delete-elements':
      deleteElements(table, operation.set, operation.elements);
      break;
    case 'add-chain':
      addChain(table, operation.name, operation.base);
      break;
    case 'flush-set':
    case 'flush-chain':
      flush(table, operation);
      break;
    case 'add-rule':
      addRule(table, operation);
      break;
    case 'add-map':
      addMap(table, operation.name, operation.verdict);
      break;
  }
}

const DELETIONS: ReadonlySet<string> = new Set<Deletion['op']>([
  'delete-counter',
  'delete-set',
  'delete-map',
  'delete-chain',
  'delete-foreign',
]);

function isDeletion(step: TableStep): step is Deletion {
  return DELETIONS.has(step.op);
}

/** A step on what is inside the table. */
export type TableStep = Exclude<Operation, { op: 'add-table' | 'delete-table' }>;

function flush(
  table: MemoryTable,
  { op, name }: Extract<TableStep, { op: 'flush-set' | 'flush-chain' }>,
): void {
  if (op === 'flush-set')
    table.sets.set(name, { ...need(table.sets, 'set', name), elements: new Map() });
  else table.chains.set(name, { ...need(table.chains, 'chain', name), rules: [], maps: [] });
}

type Deletion = Extract<
  TableStep,
  { op: `delete-${'counter' | 'set' | 'map' | 'chain' | 'foreign'}` }
>;

function deleteObject(table: MemoryTable, operation: Deletion): void {
  const { name } = operation;
  switch (operation.op) {
    case 'delete-counter':
      if (!table.counters.has(name)) fail('not-found', `no counter "${name}"`);
      refuseWhileUsed(table, 'counters', name);
      table.counters.delete(name);
      break;
    case 'delete-set':
      need(table.sets, 'set', name);
      refuseWhileUsed(table, 'sets', name);
      table.sets.delete(name);
      break;
    case 'delete-map':
      need(table.maps, 'map', name);
      refuseWhileLookedInto(table, name);
      table.maps.delete(name);
      break;
    case 'delete-chain':
      need(table.chains, 'chain', name);
      refuseWhileUsed(table, 'chains', name);
      for (const [map, verdict] of table.maps)
        if (calledChains(verdict).includes(name)) fail('busy', `map "${map}" leads to "${name}"`);
      table.chains.delete(name);
      break;
    case 'delete-foreign':
      if (!table.foreign.delete(foreignKey(operation.kind, name)))
        fail('not-found', `no ${operation.kind} "${name}"`);
      break;
  }
}

// A chain is deleted with its rules, yet a rule of its own that calls it holds it.
function refuseWhileUsed(
  table: MemoryTable,
  kind: 'chains' | 'sets' | 'counters',
  name: string,
): void {
  for (const chain of table.chains.values()) {
    if (chain.rules.some((rule) => referencesOf(rule)[kind].has(name)))
      fail('busy', `"${name}" is in use by a rule of chain "${chain.name}"`);
  }
}

function refuseWhileLookedInto(table: MemoryTable, map: string): void {
  for (const { name, maps } of table.chains.values())
    if (maps.includes(map)) fail('busy', `map "${map}" is in use by a rule of chain "${name}"`);
}

function addElements(
  table: MemoryTable,
  declaration: SetDeclaration,
  added: Iterable<string>,
): void {
  const { name, family, kind } = declaration;
  const found = table.sets.get(name);
  if (table.maps.has(name)) fail('exists', `"${name}" is a map`);
  if (found !== undefined && !isSameSet(found.declaration, declaration))
    fail('exists', `set "${name}" exists and is of another kind`);
  const elements = new Map(found?.elements);
  for (const element of added) {
    const key = elementKey(declaration, element);
    if (!elements.has(key)) elements.set(key, element);
  }
  if (kind === 'interval' && elements.size !== (found?.elements.size ?? 0)) {
    const spans = Array.from(elements.values(), (element) => spanOf(family, element));
    if (hasOverlap(spans)) fail('exists', `conflicting intervals in set "${name}"`);
  }
  table.sets.set(name, { declaration: { name, family, kind }, elements });
}

function deleteElements(
  table: MemoryTable,
  declaration: SetDeclaration,
  removed: readonly string[],
): void {
  if (removed.length === 0) return;
  const found = need(table.sets, 'set', declaration.name);
  const elements = new Map(found.elements);
  for (const element of removed) {
    if (!elements.delete(elementKey(declaration, element)))
      fail('not-found', `"${element}" is not in set "${declaration.name}"`);
  }
  table.sets.set(declaration.name, { ...found, elements });
}

function isSameSet(a: SetDeclaration, b: SetDeclaration): boolean {
  return a.family === b.family && a.kind === b.kind;
}

function elementKey({ family, kind }: SetDeclaration, element: string): string {
  if (kind === 'named-port') {
    const [address = '', ...rest] = element.split(' . ');
    return [spanOf(family, address).first, ...rest.map(Number)].join(' . ');
  }
  const { first, last } = spanOf(family, element);
  return `${first}-${last}`;
}

function addChain(table: MemoryTable, name: string, base: BaseHook | null): void {
  const found = table.chains.get(name);
  if (found === undefined) {
    table.chains.set(name, { name, base, rules: [], maps: [] });
    return;
  }
  if (base === null) return;
  if (found.base?.hook !== base.hook || found.base.priority !== base.priority)
    fail('invalid', `chain "${name}" exists and hangs on another hook`);
}

function addMap(table: MemoryTable, name: string, verdict: MapVerdict): void {
  if (table.maps.has(name)) refuseWhileLookedInto(table, name);
  if (table.sets.has(name)) fail('exists', `"${name}" is a set`);
  checkCalled(table, calledChains(verdict));
  const chains = new Map([...(table.maps.get(name)?.chains ?? []), ...verdict.chains]);
  table.maps.set(name, { ...verdict, chains });
}

function addRule(
  table: MemoryTable,
  { chain: chainName, rule, map }: Extract<TableStep, { op: 'add-rule' }>,
): void {
  const chain = need(table.chains, 'chain', chainName);
  const references = referencesOf(rule);
  checkProtocols(rule);
  for (const name of references.counters)
    if (!table.counters.has(name)) fail('not-found', `no counter "${name}"`);
  checkCalled(table, references.chains);
  checkSets(table, rule);
  if (map !== undefined) need(table.maps, 'map', map);
  const maps = map === undefined ? chain.maps : [...chain.maps, map];
  table.chains.set(chainName, { ...chain, rules: [...chain.rules, rule], maps });
}

function checkCalled(table: MemoryTable, names: Iterable<string>): void {
  for (const name of names) {
    if (need(table.chains, 'chain', name).base !== null)
      fail('invalid', `chain "${name}" is a base chain, which no rule can call`);
  }
}

function checkSets(table: MemoryTable, rule: Rule): void {
  for (const match of rule.matches) {
    if (match.kind !== 'address-set' && match.kind !== 'named-port') continue;
    const { declaration } = need(table.sets, 'set', match.set);
    const isTriples = declaration.kind === 'named-port';
    if (declaration.family !== match.family || isTriples !== (match.kind === 'named-port'))
      fail('invalid', `datatype mismatch: set "${match.set}" is of another type`);
  }
}

function need<T>(objects: ReadonlyMap<string, T>, kind: string, name: string): T {
  return objects.get(name) ?? fail('not-found', `no ${kind} "${name}"`);
}

function fail(kind: NftablesErrorKind, message: string): never {
  throw new NftablesError(kind, message);
}
