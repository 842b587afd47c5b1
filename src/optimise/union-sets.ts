import type { ElementSet } from '../ruleset/element-set.ts';
import type { NamedSet, Ruleset } from '../ruleset/ruleset.ts';
import type { Union } from './address-blocks.ts';
import { UnionElements } from './union-elements.ts';

type Unions = ReadonlyMap<string, Union>;
type Sets = Ruleset['sets'];

interface Held {
  readonly union: Union;
  readonly parts: readonly ElementSet[];
  readonly elements: UnionElements;
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
    const isNeeded = unions.size + this.#unions.size > 0;
    if (isNeeded && (unions !== this.#unions || sets !== this.#sets)) this.#unite(unions, sets);
    [this.#unions, this.#sets] = [unions, sets];
    return this.#united;
  }

  #unite(unions: Unions, sets: Sets): void {
    const changed = changedNames(this.#sets, sets);
    const held = new Map<string, Held>();
    const united = new Map<string, NamedSet>();
    for (const [name, union] of unions) {
      const before = this.#held.get(name);
      const isKept =
        before?.union === union &&
        (changed.size === 0 || !union.parts.some((part) => changed.has(part)));
      const next = isKept ? before : hold(union, partsOf(union, united, sets), before);
      if (next.set !== before?.set) changed.add(name);
      held.set(name, next);
      united.set(name, next.set);
    }
    [this.#held, this.#united] = [held, united];
  }
}

function changedNames(before: Sets, after: Sets): Set<string> {
  const changed = new Set<string>();
  if (before === after) return changed;
  for (const [name, set] of after) if (before.get(name) !== set) changed.add(name);
  for (const name of before.keys()) if (!after.has(name)) changed.add(name);
  return changed;
}

function partsOf({ parts }: Union, united: Sets, sets: Sets): readonly ElementSet[] {
  return parts.flatMap((name) => (united.get(name) ?? sets.get(name))?.elements ?? []);
}

function hold(union: Union, parts: readonly ElementSet[], before?: Held): Held {
  const { name, family, kind } = union;
  if (before?.parts.length === parts.length) {
    const { elements, set } = before;
    if (elements.advance(parts)) {
      if (elements.isCurrent(set.elements)) return { union, parts, elements, set };
      return { union, parts, elements, set: { name, family, kind, elements: elements.view() } };
    }
  }
  const elements = new UnionElements(parts, kind === 'interval');
  return { union, parts, elements, set: { name, family, kind, elements: elements.view() } };
}
