import type { MembersRecord } from '../report/history.ts';

/** A set as far as its size is concerned. */
export interface SizedSet {
  readonly id: string;
  readonly description: string;
  readonly ipv4: { readonly size: number };
  readonly ipv6: { readonly size: number };
}

/** Remembers how many members each set has, to say which sets have more or fewer now. */
export class SetSizes {
  #sets: ReadonlyMap<string, SizedSet> = new Map();
  #sizes: ReadonlyMap<string, number> = new Map();

  /** What changed since the last call; sets that come or go are no change of members. */
  changed(sets: ReadonlyMap<string, SizedSet>): MembersRecord['sets'] {
    if (sets === this.#sets) return [];
    const before = this.#sizes;
    const sizes = new Map<string, number>();
    const changed: MembersRecord['sets'][number][] = [];
    for (const { id, description, ipv4, ipv6 } of sets.values()) {
      const after = ipv4.size + ipv6.size;
      sizes.set(id, after);
      const was = before.get(id);
      if (was !== undefined && was !== after) changed.push({ description, before: was, after });
    }
    this.#sets = sets;
    this.#sizes = sizes;
    return changed;
  }
}
