/** Smaller maps are copied: what looks a key up in them asks one map. */
const SMALLEST = 128;
/** More changes than this become a map of their own: a copy in so many changes costs each of them little. */
const MOST_CHANGES = 64;

/**
 * What `from` becomes with other values for some keys; null: the key is gone. Both stay what they are, whatever is
 * made of them later. A large map is not copied, so that a change costs what changed, not what there is.
 */
export function changedMap<K, V extends object>(
  from: ReadonlyMap<K, V>,
  changes: ReadonlyMap<K, V | null>,
): ReadonlyMap<K, V> {
  const known = from instanceof ChangedMap ? (from as ChangedMap<K, V>) : null;
  const all = new Map([...(known?.changes ?? []), ...changes]);
  return from.size < SMALLEST || all.size > MOST_CHANGES
    ? changedCopy(from, changes)
    : new ChangedMap(known?.base ?? from, all);
}

function changedCopy<K, V extends object>(
  from: ReadonlyMap<K, V>,
  changes: ReadonlyMap<K, V | null>,
): ReadonlyMap<K, V> {
  const copy = new Map(from);
  for (const [key, value] of changes) {
    if (value === null) copy.delete(key);
    else copy.set(key, value);
  }
  return copy;
}

class ChangedMap<K, V extends object> implements ReadonlyMap<K, V> {
  readonly base: ReadonlyMap<K, V>;
  /** By key; null: not in this map. */
  readonly changes: ReadonlyMap<K, V | null>;
  readonly size: number;

  constructor(base: ReadonlyMap<K, V>, changes: ReadonlyMap<K, V | null>) {
    this.base = base;
    this.changes = changes;
    let { size } = base;
    for (const [key, value] of changes) size += Number(value !== null) - Number(base.has(key));
    this.size = size;
  }

  get(key: K): V | undefined {
    const changed = this.changes.get(key);
    return changed === undefined ? this.base.get(key) : (changed ?? undefined);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  *entries(): Generator<[K, V], undefined> {
    for (const [key, value] of this.base) {
      const changed = this.changes.get(key);
      if (changed !== null) yield [key, changed ?? value];
    }
    for (const [key, value] of this.changes)
      if (value !== null && !this.base.has(key)) yield [key, value];
  }

  *keys(): Generator<K, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  forEach(call: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) call(value, key, this);
  }
}
