import type { ListEdit } from '../base/differing-part.ts';
import { commonEnds, sameBytes } from './common-ends.ts';
import { readPlainItems } from './plain-nets.ts';
import type { NetworkSet } from './resource.ts';

/**
 * A network set as it was read from its bytes, kept so that its next state costs what changed. What stands around
 * the inside of its list says everything else about it.
 */
export interface LargeNetworkSet {
  readonly resource: NetworkSet;
  readonly bytes: Uint8Array;
  /** Where the inside of its list begins. */
  readonly from: number;
  /** Where it ends: the place of its bracket. */
  readonly to: number;
  /** Where each network begins, counted from `from`. */
  readonly starts: Int32Array;
}

const NETS = Buffer.from('"nets":[');
const END_OF_LIST = 0x5d;
// A name of a field comes after one of these.
const BEFORE_NAME: readonly (number | undefined)[] = [0x7b, 0x2c];
const SAMPLE = '192.0.2.0/24';

/** Reads the bytes of an object that is as small as the test of a large one; null where anything is wrong with it. */
export type ReadSmall = (bytes: Uint8Array) => NetworkSet | null;

/**
 * Reads a set whose list holds plain networks, in steps; null for any other, and bytes must be read as a whole. That the
 * list makes up the networks, and nothing else of the set, is proven by reading the object with other lists.
 */
export function* firstState(
  bytes: Uint8Array,
  readSmall: ReadSmall,
): Generator<undefined, LargeNetworkSet | null> {
  const place = findList(bytes);
  if (place === null) return null;
  const { from, to } = place;
  const readWith = (inside: string): NetworkSet | null =>
    readSmall(Buffer.concat([bytes.subarray(0, from), Buffer.from(inside), bytes.subarray(to)]));
  const sampled = readWith(`"${SAMPLE}"`);
  const isList = sampled?.nets.length === 1 && sampled.nets[0] === SAMPLE;
  if (!isList || readWith('')?.nets.length !== 0) return null;
  const items = yield* readPlainItems(bytes, from, to);
  if (items === null) return null;
  const { starts, nets } = items;
  return { resource: { ...sampled, nets }, bytes, from, to, starts: Int32Array.from(starts) };
}

function findList(bytes: Uint8Array): { readonly from: number; readonly to: number } | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = buffer.indexOf(NETS);
  if (name < 1 || !BEFORE_NAME.includes(bytes[name - 1])) return null;
  const from = name + NETS.length;
  const to = buffer.indexOf(END_OF_LIST, from);
  return to <= from ? null : { from, to };
}

/** The next state of a set, and how its networks came of those of the one before. */
export interface NextState {
  readonly set: LargeNetworkSet;
  readonly edit: ListEdit<string>;
}

/**
 * The set at its next state, when that differs within the list only and is as plain; otherwise null, and the bytes
 * must be read as a whole. In steps where much has changed.
 */
export function* nextState(
  known: LargeNetworkSet,
  bytes: Uint8Array,
): Generator<undefined, NextState | null> {
  const { from, starts, resource } = known;
  const to = bytes.length - (known.bytes.length - known.to);
  if (to < from || !sameAround(known, bytes, to)) return null;
  const edit = findEdit(known, bytes.subarray(from, to));
  const fresh = yield* readPlainItems(bytes, from + edit.begin, from + edit.end);
  // Nothing between two commas is no list.
  if (fresh === null || (fresh.starts.length === 0 && to > from)) return null;
  const set = {
    resource: { ...resource, nets: editedNets(resource.nets, edit, fresh.nets) },
    ...{ bytes, from, to },
    starts: editedStarts(starts, edit, { fresh: fresh.starts, moved: to - known.to }),
  };
  const { first: start, last: beforeEnd } = edit;
  const part = { start, beforeEnd, afterEnd: start + fresh.nets.length };
  return { set, edit: { before: resource.nets, part } };
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

function editedNets(
  nets: readonly string[],
  { first, last }: Edit,
  fresh: readonly string[],
): readonly string[] {
  if (fresh.length > FEW) return nets.slice(0, first).concat(fresh, nets.slice(last));
  // The whole is copied once.
  const edited = nets.slice();
  edited.splice(first, last - first, ...fresh);
  return edited;
}

// Arguments of a call.
const FEW = 100;

function editedStarts(
  starts: Int32Array,
  { first, last, begin }: Edit,
  { fresh, moved }: { readonly fresh: readonly number[]; readonly moved: number },
): Int32Array {
  const edited = new Int32Array(first + fresh.length + starts.length - last);
  edited.set(starts.subarray(0, first));
  for (let i = 0; i < fresh.length; i++) edited[first + i] = begin + (fresh[i] ?? 0);
  const tail = first + fresh.length;
  edited.set(starts.subarray(last), tail);
  for (let i = tail; i < edited.length; i++) edited[i] = (edited[i] ?? 0) + moved;
  return edited;
}
