import type { BatchBytes } from './batch-bytes.ts';
import { MESSAGE, NLM_F_CREATE, SET, SET_FLAG } from './batch-constants.ts';
import type { Interval } from './batch-interval.ts';
import { mergeIntervals } from './batch-interval.ts';
import { beginObject } from './batch-object.ts';
import { ElementList, KEY_ORDER, TYPE } from './batch-set.ts';
import type { LookupSet } from './batch-expression.ts';

/** What an anonymous set's keys are. */
export interface KeyType {
  readonly type: number;
  readonly length: number;
  readonly order: Uint8Array;
}

const SET_NAME = '__set%d';
const MAP_NAME = '__map%d';
const VERDICT_TYPE = 0xffffff00;
const DESCRIPTION_SIZE = 1;

/** The anonymous sets of a batch, each written before the rule that it is part of. */
export class AnonymousSets {
  readonly #batch: BatchBytes;
  readonly #nextId: () => number;

  constructor(batch: BatchBytes, nextId: () => number) {
    this.#batch = batch;
    this.#nextId = nextId;
  }

  /** A set of single values. */
  values(key: KeyType, values: readonly Uint8Array[]): LookupSet {
    const set = this.#declare(SET_NAME, key, { flags: 0, size: values.length });
    const list = new ElementList(this.#batch, MESSAGE.newElements, set);
    for (const value of values) {
      list.key(value);
      if (list.isFull) list.end();
    }
    list.end();
    return set;
  }

  /** A set of intervals, which may overlap. */
  intervals(key: KeyType, intervals: readonly Interval[]): LookupSet {
    const merged = mergeIntervals(intervals);
    const size = 2 * merged.length + 1;
    const set = this.#declare(SET_NAME, key, { flags: SET_FLAG.interval, size });
    const list = new ElementList(this.#batch, MESSAGE.newElements, set);
    if (merged[0] !== undefined) list.beforeFirst(merged[0]);
    for (const interval of merged) {
      list.interval(interval);
      if (list.isFull) list.end();
    }
    list.end();
    return set;
  }

  /** A map from values to the verdict that is written for each. */
  verdicts(key: KeyType, entries: readonly MapEntry[]): LookupSet {
    const set = { name: MAP_NAME, id: this.#nextId() };
    writeMap(this.#batch, set, { key, entries, flags: SET_FLAG.anonymous });
    return set;
  }

  #declare(
    name: string,
    key: KeyType,
    { flags, size }: { readonly flags: number; readonly size: number },
  ): Numbered {
    const set = { name, id: this.#nextId() };
    declareConstant(this.#batch, set, { key, flags: SET_FLAG.anonymous | flags, size });
    return set;
  }
}

/** A set of this batch. */
type Numbered = LookupSet & { readonly id: number };

/** A value, and what writes the verdict that it is mapped to. */
export type MapEntry = readonly [Uint8Array, () => void];

/** Creates a map that is not edited once a rule looks into it, with all its entries. */
export function writeMap(
  batch: BatchBytes,
  map: Numbered,
  {
    key,
    entries,
    flags,
  }: { readonly key: KeyType; readonly entries: readonly MapEntry[]; readonly flags: number },
): void {
  declareConstant(batch, map, { key, flags: SET_FLAG.map | flags, size: entries.length });
  const list = new ElementList(batch, MESSAGE.newElements, map);
  for (const [value, write] of entries) {
    list.mapping(value, write);
    if (list.isFull) list.end();
  }
  list.end();
}

function declareConstant(
  batch: BatchBytes,
  { name, id }: Numbered,
  { key, flags, size }: { readonly key: KeyType; readonly flags: number; readonly size: number },
): void {
  beginObject(batch, MESSAGE.newSet, NLM_F_CREATE);
  batch.text(SET.name, name);
  batch.u32(SET.flags, SET_FLAG.constant | flags);
  batch.u32(SET.keyType, key.type);
  batch.u32(SET.keyLength, key.length);
  if ((flags & SET_FLAG.map) !== 0) {
    batch.u32(SET.dataType, VERDICT_TYPE);
    batch.u32(SET.dataLength, 0);
  }
  batch.u32(SET.id, id);
  const description = batch.open(SET.description);
  batch.u32(DESCRIPTION_SIZE, size);
  batch.close(description);
  batch.bytes(SET.userData, key.order);
  batch.end();
}

const INTERFACE_BYTES = 16;

/** Interface names as keys. */
export const INTERFACE_KEY: KeyType = {
  type: TYPE.interface,
  length: INTERFACE_BYTES,
  order: KEY_ORDER.host,
};

/** An interface name as the kernel compares it: filled up with zeros. */
export function interfaceName(name: string): Buffer {
  const bytes = Buffer.alloc(INTERFACE_BYTES);
  bytes.write(name);
  return bytes;
}
