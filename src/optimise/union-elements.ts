import type { ElementChange, ElementSet } from '../ruleset/element-set.ts';

/** Changes further back than this are not known any more: the set is written anew. */
const JOURNAL_LIMIT = 256;

/**
 * What any of several element sets holds, from one version of them to the next. Keeps no elements of its own: each is
 * asked of the parts, and a change costs what changed in them, times their number.
 */
export class UnionElements {
  readonly #lineage: object = {};
  readonly #journal: ElementChange[] = [];
  #parts: readonly ElementSet[];
  #version = 0;
  #size: number;

  constructor(parts: readonly ElementSet[]) {
    this.#parts = parts;
    this.#size = new Set(distinct(parts)).size;
  }

  /** Goes on to the next versions of the parts. False: it is not known how they came about, so this ends here. */
  advance(parts: readonly ElementSet[]): boolean {
    const changes: ElementChange[] = [];
    for (const [i, part] of parts.entries()) {
      const before = this.#parts[i];
      if (before?.lineage !== part.lineage) return false;
      const change = before === part ? NO_CHANGE : part.changesSince(before.version);
      if (change === null) return false;
      changes.push(change);
    }
    const change = netChange(parts, changes);
    this.#parts = parts;
    if (change.added.length + change.removed.length === 0) return true;
    this.#version += 1;
    this.#size += change.added.length - change.removed.length;
    this.#journal.push(change);
    if (this.#journal.length > JOURNAL_LIMIT) this.#journal.shift();
    return true;
  }

  /** The elements as of now, to be read as long as the parts may be read. */
  view(): ElementSet {
    const parts = this.#parts;
    const version = this.#version;
    return {
      lineage: this.#lineage,
      version,
      size: this.#size,
      has: (element) => parts.some((part) => part.has(element)),
      changesSince: (since) => this.#changesBetween(since, version),
      [Symbol.iterator]: () => distinct(parts),
    };
  }

  #changesBetween(since: number, until: number): ElementChange | null {
    const start = this.#version - this.#journal.length;
    if (since < start || since > until) return null;
    const net = new Map<string, boolean>();
    for (const { added, removed } of this.#journal.slice(since - start, until - start)) {
      // Changes of one element alternate, so a second one undoes the first.
      for (const element of removed) if (!net.delete(element)) net.set(element, false);
      for (const element of added) if (!net.delete(element)) net.set(element, true);
    }
    const elements = [...net];
    return {
      added: elements.flatMap(([element, isAdded]) => (isAdded ? [element] : [])),
      removed: elements.flatMap(([element, isAdded]) => (isAdded ? [] : [element])),
    };
  }
}

const NO_CHANGE: ElementChange = { added: [], removed: [] };

function netChange(parts: readonly ElementSet[], changes: readonly ElementChange[]): ElementChange {
  const gained = changes.map(({ added }) => new Set(added));
  const lost = changes.map(({ removed }) => new Set(removed));
  const was = (element: string): boolean =>
    parts.some((part, i) =>
      part.has(element) ? gained[i]?.has(element) !== true : lost[i]?.has(element) === true,
    );
  const is = (element: string): boolean => parts.some((part) => part.has(element));
  const touched = [...new Set(changes.flatMap(({ added, removed }) => [...removed, ...added]))];
  return {
    added: touched.filter((element) => is(element) && !was(element)),
    removed: touched.filter((element) => was(element) && !is(element)),
  };
}

function* distinct(parts: readonly ElementSet[]): Generator<string, undefined> {
  const seen = new Set<string>();
  for (const part of parts) {
    for (const element of part) {
      if (seen.has(element)) continue;
      seen.add(element);
      yield element;
    }
  }
}
