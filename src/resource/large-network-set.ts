import { commonEnds, sameBytes } from './common-ends.ts';
import { plainItems, plainNets } from './plain-nets.ts';
import type { NetworkSet } from './resource.ts';

/** The inside of the first list `nets` in the bytes of an object, when it holds plain addresses only. */
export interface PlainList {
  readonly from: number;
  /** Where the list ends: the place of its bracket. */
  readonly to: number;
  /** Where each item begins, counted from `from`. */
  readonly starts: Int32Array;
}

/**
 * A network set as it was read from its bytes, kept so that its next state costs what changed. What stands around
 * the inside of its list says everything else about it.
 */
export interface LargeNetworkSet extends PlainList {
  readonly resource: NetworkSet;
  readonly bytes: Uint8Array;
}

const NETS = Buffer.from('"nets":[');
const END_OF_LIST = 0x5d;
// A name of a field comes after one of these.
const BEFORE_NAME: readonly (number | undefined)[] = [0x7b, 0x2c];

/** Finds the list; null where there is none or it is not plain. */
export function findPlainList(bytes: Uint8Array): PlainList | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = buffer.indexOf(NETS);
  if (name < 1 || !BEFORE_NAME.includes(bytes[name - 1])) return null;
  const from = name + NETS.length;
  const to = buffer.indexOf(END_OF_LIST, from);
  const starts = to < 0 ? null : plainItems(bytes, from, to);
  return starts === null ? null : { from, to, starts: Int32Array.from(starts) };
}

/**
 * The set at its next state, when that differs within the list only and is as plain; otherwise null, and the bytes
 * must be read as a whole.
 */
export function nextState(known: LargeNetworkSet, bytes: Uint8Array): LargeNetworkSet | null {
  const { from, starts, resource } = known;
  const to = bytes.length - (known.bytes.length - known.to);
  if (to < from || !sameAround(known, bytes, to)) return null;
  const edit = findEdit(known, bytes.subarray(from, to));
  const [begin, end] = [from + edit.begin, from + edit.end];
  const fresh = plainItems(bytes, begin, end);
  // Nothing between two commas is no list.
  if (fresh === null || (fresh.length === 0 && to > from)) return null;
  const added = plainNets(bytes, { from: begin, to: end, starts: fresh });
  if (added === null) return null;
  const { nets } = resource;
  return {
    resource: {
      ...resource,
      nets: nets.slice(0, edit.first).concat(added, nets.slice(edit.last)),
    },
    bytes,
    from,
    to,
    starts: editedStarts(starts, edit, { fresh, moved: to - known.to }),
  };
}

function sameAround(
  { bytes: before, from, to }: LargeNetworkSet,
  bytes: Uint8Array,
  at: number,
): boolean {
  return (
    sameBytes({ bytes: before, at: 0 }, { bytes, at: 0 }, from) &&
    sameBytes({ bytes: before, at: to }, { bytes, at }, before.length - to)
  );
}

/** Items from number `first` up to, without, `last` went; what came for them stands at `begin` to `end` of the new list. */
interface Edit {
  readonly first: number;
  readonly last: number;
  readonly begin: number;
  readonly end: number;
}

// Whole items only: those before `first` with their comma, and those from `last` on with the comma before them.
function findEdit({ bytes, from, to, starts }: LargeNetworkSet, list: Uint8Array): Edit {
  const length = to - from;
  const { front, back } = commonEnds(bytes.subarray(from, to), list);
  const first = Math.max(0, countUpTo(starts, front) - 1);
  const last = countUpTo(starts, length - back);
  const begin = starts[first] ?? 0;
  const next = starts[last];
  const tail = next === undefined ? 0 : length - next + 1;
  return { first, last, begin, end: list.length - tail };
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(numbers: Int32Array, limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function editedStarts(
  starts: Int32Array,
  { first, last, begin }: Edit,
  { fresh, moved }: { readonly fresh: readonly number[]; readonly moved: number },
): Int32Array {
  const edited = new Int32Array(first + fresh.length + starts.length - last);
  edited.set(starts.subarray(0, first));
  for (const [i, start] of fresh.entries()) edited[first + i] = begin + start;
  for (let i = last, j = first + fresh.length; i < starts.length; i++, j++) {
    edited[j] = (starts[i] ?? 0) + moved;
  }
  return edited;
}
