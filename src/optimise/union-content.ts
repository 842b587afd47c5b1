import { CidrCover } from '../net/cidr-cover.ts';
import type { ElementChange, ElementSet } from '../ruleset/element-set.ts';

type Shown = Pick<ElementSet, 'size' | 'has' | 'kept'> & Iterable<string>;

/** What several sets hold together, counted by set; of networks only the widest is shown, because nft refuses overlaps. */
export class UnionContent {
  readonly #counts = new Map<string, number>();
  readonly #cover: CidrCover | null;

  constructor(parts: readonly ElementSet[], hasNetworks: boolean) {
    this.#cover = hasNetworks ? new CidrCover() : null;
    for (const part of parts) for (const element of part) this.#add(element);
  }

  /** What is shown; not to be continued after a change. */
  get shown(): Shown {
    const counts = this.#counts;
    return (
      this.#cover ?? {
        size: counts.size,
        has: (element) => counts.has(element),
        kept: () => Array.from(counts.keys()),
        [Symbol.iterator]: () => counts.keys(),
      }
    );
  }

  /** Each of the sets changed in this way; answers what that came to. */
  advance(changes: readonly ElementChange[]): ElementChange {
    // What comes first, so that what it covers is not laid bare for nothing.
    return netChange([
      ...changes.flatMap(({ added }) => added.map((element) => this.#add(element))),
      ...changes.flatMap(({ removed }) => removed.map((element) => this.#remove(element))),
    ]);
  }

  #add(element: string): ElementChange {
    const count = this.#counts.get(element) ?? 0;
    this.#counts.set(element, count + 1);
    if (count > 0) return NOTHING;
    return this.#cover?.add(element) ?? { added: [element], removed: [] };
  }

  #remove(element: string): ElementChange {
    const count = this.#counts.get(element) ?? 0;
    if (count > 1) {
      this.#counts.set(element, count - 1);
      return NOTHING;
    }
    this.#counts.delete(element);
    return this.#cover?.remove(element) ?? { added: [], removed: [element] };
  }
}

const NOTHING: ElementChange = { added: [], removed: [] };

/** What changes of one set come to, one after another: a second one of the same element undoes the first. */
export function netChange(changes: Iterable<ElementChange>): ElementChange {
  const net = new Map<string, boolean>();
  for (const { added, removed } of changes) {
    for (const element of removed) if (!net.delete(element)) net.set(element, false);
    for (const element of added) if (!net.delete(element)) net.set(element, true);
  }
  const elements = [...net];
  return {
    added: elements.flatMap(([element, isAdded]) => (isAdded ? [element] : [])),
    removed: elements.flatMap(([element, isAdded]) => (isAdded ? [] : [element])),
  };
}
