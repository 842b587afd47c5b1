import { bufferOf } from '../base/raw-update.ts';
import type { TextList } from '../base/text-list.ts';
import { commonEnds, sameBytes } from './common-ends.ts';
import { plainNets, readPlainNets } from './plain-nets.ts';
import type { Stretch } from './plain-nets.ts';
import type { NetsEdit, NetworkSet } from './resource.ts';

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
}

const NETS = Buffer.from('"nets":[');
const COMMA = 0x2c;
const END_OF_LIST = 0x5d;
// A name of a field comes after one of these.
const BEFORE_NAME: readonly (number | undefined)[] = [0x7b, COMMA];
const SAMPLE = '192.0.2.0/24';

/** Reads the bytes of an object that is as small as the test of a large one; null where anything is wrong with it. */
export type ReadSmall = (bytes: Uint8Array) => NetworkSet | null;

/**
 * Reads a set whose list holds plain networks, in steps; null for any other, and bytes must be read as a whole. That the
 * list makes up the networks, and nothing else of the set, is proven by reading the object with other lists. The bytes
 * are kept.
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
  const [only] = sampled?.nets ?? [];
  const isList = sampled?.nets.length === 1 && only === SAMPLE;
  if (!isList || readWith('')?.nets.length !== 0) return null;
  const nets = yield* readPlainNets({ bytes, from, to });
  return nets === null ? null : { resource: { ...sampled, nets }, bytes, from, to };
}

function findList(bytes: Uint8Array): { readonly from: number; readonly to: number } | null {
  const buffer = bufferOf(bytes);
  const name = buffer.indexOf(NETS);
  if (name < 1 || !BEFORE_NAME.includes(bytes[name - 1])) return null;
  const from = name + NETS.length;
  const to = buffer.indexOf(END_OF_LIST, from);
  return to <= from ? null : { from, to };
}

/** The next state of a set, and how its networks came of those of the one before. */
export interface NextState {
  readonly set: LargeNetworkSet;
  readonly edit: NetsEdit;
}

/**
 * The set at its next state, when that differs within the list only and is as plain; otherwise null, and the bytes
 * must be read as a whole. In steps where much has changed. The bytes are kept.
 */
export function* nextState(
  known: LargeNetworkSet,
  bytes: Uint8Array,
): Generator<undefined, NextState | null> {
  const { from, resource } = known;
  const to = bytes.length - (known.bytes.length - known.to);
  if (to < from || !sameAround(known, bytes, to)) return null;
  const stretches = differingItems(known, { bytes, from, to });
  const removed = yield* readPlainNets(stretches.before);
  const added = yield* readPlainNets(stretches.after);
  // Nothing between two commas is no list.
  if (removed === null || added === null || (added.length === 0 && to > from)) return null;
  const length = resource.nets.length - removed.length + added.length;
  const isNew = added.length === length;
  const nets: TextList = isNew ? added : plainNets({ bytes, from, to }, length);
  const set = { resource: { ...resource, nets }, bytes, from, to };
  return { set, edit: { before: resource.nets, removed, added } };
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

// Whole items of both lists: from just behind a comma that both have, or the beginning, to one that both have, or the end.
function differingItems(
  before: Stretch,
  after: Stretch,
): { readonly before: Stretch; readonly after: Stretch } {
  const { front, back } = commonEnds(inside(before), inside(after));
  const list = bufferOf(inside(before));
  const begin = front === 0 ? 0 : list.lastIndexOf(COMMA, front - 1) + 1;
  const comma = list.indexOf(COMMA, list.length - back);
  const same = comma < 0 ? 0 : list.length - comma;
  const part = ({ bytes, from, to }: Stretch): Stretch => {
    return { bytes, from: from + begin, to: to - same };
  };
  return { before: part(before), after: part(after) };
}

function inside({ bytes, from, to }: Stretch): Uint8Array {
  return bytes.subarray(from, to);
}
