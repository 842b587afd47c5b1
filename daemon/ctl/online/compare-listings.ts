import { sortedList, withMapsInRules } from './maps-in-rules.ts';
import type { Blocks } from './maps-in-rules.ts';

/** What differs in one chain, set or counter. */
export interface Difference {
  /** `chain filter-input`, `set s-…-4`. */
  readonly object: string;
  /** Lines or elements that should be there. */
  readonly missing: readonly string[];
  /** Lines or elements that should not. */
  readonly extra: readonly string[];
  /** The same lines, in another order. */
  readonly isReordered: boolean;
}

/** Compares two listings of one table by nft; counts, the order of elements and how maps are written make no difference. */
export function compareListings(desired: string, actual: string): readonly Difference[] {
  const [wanted, found] = [readBlocks(desired), readBlocks(actual)];
  const objects = new Set([...wanted.keys(), ...found.keys()]);
  return [...objects].flatMap((object) => {
    const difference = compareBlock(object, wanted.get(object), found.get(object));
    return difference === null ? [] : [difference];
  });
}

function compareBlock(
  object: string,
  wanted: readonly string[] | undefined,
  found: readonly string[] | undefined,
): Difference | null {
  if (wanted === undefined || found === undefined) {
    const [missing, extra] = [wanted ?? [], found ?? []];
    return { object, missing, extra, isReordered: false };
  }
  const missing = without(wanted, found);
  const extra = without(found, wanted);
  const isReordered = missing.length + extra.length === 0 && wanted.join('\n') !== found.join('\n');
  const isSame = missing.length + extra.length === 0 && !isReordered;
  return isSame ? null : { object, missing, extra, isReordered };
}

// Lines may occur several times.
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const number = left.get(line) ?? 0;
    left.set(line, number - 1);
    return number <= 0;
  });
}

function readBlocks(listing: string): Blocks {
  const blocks = new Map<string, readonly string[]>();
  let object = '';
  let lines: string[] = [];
  for (const line of listing.split('\n')) {
    const [, name] = /^\t(\S.*) \{$/.exec(line) ?? [];
    if (name !== undefined) [object, lines] = [name, []];
    else if (line === '\t}') blocks.set(object, contentOf(object, lines));
    else if (line.startsWith('\t\t')) lines.push(line.trim());
  }
  return withMapsInRules(blocks);
}

// nft breaks lists of elements into lines as it sees fit.
function contentOf(object: string, lines: readonly string[]): readonly string[] {
  if (object.startsWith('counter ')) return [];
  if (!/^(?:set|map) /.test(object)) return lines;
  const text = lines.join(' ');
  const [, elements = ''] = /elements = \{ (.*) \}/.exec(text) ?? [];
  const rest = text.replace(/ ?elements = \{.*\}/, '');
  return [rest, ...sortedList(elements)];
}
