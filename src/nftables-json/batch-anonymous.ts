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
  verdicts(key: KeyType, entries: readonly (readonly [Uint8Array, () => void])[]): LookupSet {
    const size = entries.length;
    const set = this.#declare(MAP_NAME, key, { flags: SET_FLAG.map, size });
    const list = new ElementList(this.#batch, MESSAGE.newElements, set);
    for (const [value, write] of entries) {
      list.mapping(value, write);
      if (list.isFull) list.end();
    }
    list.end();
    return set;
  }

  #declare(
    name: string,
    key: KeyType,
    { flags, size }: { readonly flags: number; readonly size: number },
  ): LookupSet & { readonly id: number } {
    const id = this.#nextId();
    beginObject(this.#batch, MESSAGE.newSet, NLM_F_CREATE);
    this.#batch.text(SET.name, name);
    this.#batch.u32(SET.flags, SET_FLAG.anonymous | SET_FLAG.constant | flags);
    this.#batch.u32(SET.keyType, key.type);
    this.#batch.u32(SET.keyLength, key.length);
    if ((flags & SET_FLAG.map) !== 0) {
      this.#batch.u32(SET.dataType, VERDICT_TYPE);
      this.#batch.u32(SET.dataLength, 0);
    }
    this.#batch.u32(SET.id, id);
    const description = this.#batch.open(SET.description);
    this.#batch.u32(DESCRIPTION_SIZE, size);
    this.#batch.close(description);
    this.#batch.bytes(SET.userData, key.order);
    this.#batch.end();
    return { name, id };
  }
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
