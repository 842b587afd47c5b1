import type { TextList } from '../base/text-list.ts';

/** What changed between two versions of one element set; the lists are disjoint. */
export interface ElementChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * The elements of a set at one version. Values of the same `lineage` are versions of one set that
 * changes over time, so that a change costs what changed and not what the set holds. A view may be read
 * until its owner moves on; reading a stale one throws, it never lies.
 */
export interface ElementSet extends Iterable<string> {
  /** Same lineage, same set over time. Compared by identity. */
  readonly lineage: object;
  /** Grows with every change within the lineage. */
  readonly version: number;
  readonly size: number;
  has(element: string): boolean;
  /** The net change since an earlier version of the same lineage; null when too long ago, or too much, to know. */
  changesSince(version: number): ElementChange | null;
  /** What the set has at this version, for good; takes much less than going through it where they are many. */
  kept(): TextList;
}

/** A fixed element set of its own lineage. */
export function fixedElements(elements: Iterable<string>): ElementSet {
  const members = new Set(elements);
  const view: ElementSet = {
    lineage: members,
    version: 0,
    size: members.size,
    has: (element) => members.has(element),
    changesSince: (version) => (version === 0 ? { added: [], removed: [] } : null),
    kept: () => Array.from(members),
    [Symbol.iterator]: () => members.values(),
  };
  return view;
}
