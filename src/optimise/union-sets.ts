import type { ElementSet } from '../ruleset/element-set.ts';
import type { NamedSet, Ruleset } from '../ruleset/ruleset.ts';
import type { Union } from './address-blocks.ts';
import { UnionElements } from './union-elements.ts';

type Unions = ReadonlyMap<string, Union>;
type Sets = Ruleset['sets'];

interface Held {
  readonly elements: UnionElements;
  readonly parts: readonly ElementSet[];
  readonly set: NamedSet;
}

/** The sets of unions from one ruleset to the next: of one that stays, what changes is known. */
export class UnionSets {
  #held: ReadonlyMap<string, Held> = new Map();
  #united: Sets = new Map();
  #unions: Unions = new Map();
  #sets: Sets = new Map();

  /** The sets of these unions, each after its parts; the same objects where nothing changed. */
  follow(unions: Unions, sets: Sets): Sets {
    const isSame = unions === this.#unions && sets.size === this.#sets.size;
    const touched = isSame && unions.size > 0 ? touchedUnions(unions, this.#sets, sets) : unions;
    if (touched.size > 0 || !isSame) this.#unite(unions, touched, sets);
    [this.#unions, this.#sets] = [unions, sets];
    return this.#united;
  }

  #unite(unions: Unions, touched: ReadonlyMap<string, unknown>, sets: Sets): void {
    const held = new Map<string, Held>();
    const united = new Map<string, NamedSet>();
    for (const [name, union] of unions) {
      const before = this.#held.get(name);
      const isKept = before !== undefined && !touched.has(name);
      const next = isKept ? before : hold(union, partsOf(union, united, sets), before);
      held.set(name, next);
      united.set(name, next.set);
    }
    [this.#held, this.#united] = [held, united];
  }
}

const users = new WeakMap<Unions, ReadonlyMap<string, readonly string[]>>();

// Unions of which a part is another object than before, and the unions of those.
function touchedUnions(unions: Unions, before: Sets, after: Sets): ReadonlyMap<string, unknown> {
  const usersOf = users.get(unions) ?? usersByPart(unions);
  users.set(unions, usersOf);
  const touched = new Map<string, true>();
  const touch = (part: string): void => {
    for (const name of usersOf.get(part) ?? []) {
      if (touched.has(name)) continue;
      touched.set(name, true);
      touch(name);
    }
  };
  if (before === after) return touched;
  for (const [name, set] of after) if (before.get(name) !== set) touch(name);
  return touched;
}

function usersByPart(unions: Unions): ReadonlyMap<string, readonly string[]> {
  const byPart = new Map<string, string[]>();
  for (const { name, parts } of unions.values()) {
    for (const part of parts) {
      const known = byPart.get(part);
      if (known === undefined) byPart.set(part, [name]);
      else known.push(name);
    }
  }
  return byPart;
}

function partsOf({ parts }: Union, united: Sets, sets: Sets): readonly ElementSet[] {
  return parts.flatMap((name) => (united.get(name) ?? sets.get(name))?.elements ?? []);
}

function hold({ name, family, kind }: Union, parts: readonly ElementSet[], before?: Held): Held {
  if (before?.parts.length === parts.length) {
    if (parts.every((part, i) => part === before.parts[i])) return before;
    const { elements, set } = before;
    if (elements.advance(parts)) {
      if (elements.isCurrent(set.elements)) return { elements, parts, set };
      return { elements, parts, set: { name, family, kind, elements: elements.view() } };
    }
  }
  const elements = new UnionElements(parts, kind === 'interval');
  return { elements, parts, set: { name, family, kind, elements: elements.view() } };
}
