import { isMap, isScalar, isSeq } from 'yaml';

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Where `field` (`spec.ingress[2].source.nets[0]`) is written below `root`: its key or list item, or the
 * innermost thing around it that is there. Null for a document that holds nothing.
 */
export function locateField(
  root: unknown,
  field: string,
  positionAt: (offset: number) => Position,
): Position | null {
  let place = offsetOf(root);
  let node = root;
  let words: readonly string[] = field.match(/[^.[\]"]+/g) ?? [];
  while (words.length > 0) {
    const step = isSeq(node) ? itemOf(node.items, words) : isMap(node) ? pairOf(node, words) : null;
    if (step === null) break;
    place = step.offset ?? place;
    node = step.node;
    words = words.slice(step.used);
  }
  return place === null ? null : positionAt(place);
}

interface Step {
  readonly node: unknown;
  readonly offset: number | null;
  readonly used: number;
}

function itemOf(items: readonly unknown[], words: readonly string[]): Step | null {
  const node = items[Number(words[0])];
  return node === undefined ? null : { node, offset: offsetOf(node), used: 1 };
}

// Keys may have dots in them, such as those of labels: the longest key that fits is meant.
function pairOf(
  map: { readonly items: readonly { readonly key: unknown; readonly value: unknown }[] },
  words: readonly string[],
): Step | null {
  for (let used = words.length; used > 0; used--) {
    const name = words.slice(0, used).join('.');
    const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    if (pair !== undefined) return { node: pair.value, offset: offsetOf(pair.key), used };
  }
  return null;
}

function offsetOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null;
}
