import type { ElementSet } from '../ruleset/element-set.ts';
import type { NamedSet, Ruleset } from '../ruleset/ruleset.ts';
import type { Union } from './address-blocks.ts';
import { UnionElements } from './union-elements.ts';

interface Held {
  readonly elements: UnionElements;
  readonly parts: readonly ElementSet[];
  readonly set: NamedSet;
}

/** The sets of unions from one ruleset to the next: of one that stays, what changes is known. */
export class UnionSets {
  #held: ReadonlyMap<string, Held> = new Map();

  /** The sets of these unions, each after its parts; the same objects where nothing changed. */
  follow(unions: Iterable<Union>, sets: Ruleset['sets']): ReadonlyMap<string, NamedSet> {
    const held = new Map<string, Held>();
    const united = new Map<string, NamedSet>();
    for (const union of unions) {
      const parts = union.parts.flatMap((name) => {
        const part = united.get(name) ?? sets.get(name);
        return part === undefined ? [] : [part.elements];
      });
      const next = hold(union, parts, this.#held.get(union.name));
      held.set(union.name, next);
      united.set(union.name, next.set);
    }
    this.#held = held;
    return united;
  }
}

function hold({ name, family, kind }: Union, parts: readonly ElementSet[], before?: Held): Held {
  if (before !== undefined) {
    if (sameObjects(parts, before.parts)) return before;
    const { elements } = before;
    if (parts.length === before.parts.length && elements.advance(parts)) {
      return { elements, parts, set: { name, family, kind, elements: elements.view() } };
    }
  }
  const elements = new UnionElements(parts);
  return { elements, parts, set: { name, family, kind, elements: elements.view() } };
}

function sameObjects(a: readonly ElementSet[], b: readonly ElementSet[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
