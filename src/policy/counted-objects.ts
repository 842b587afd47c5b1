import type { Kind, Resource, ResourceId } from '../resource/resource.ts';

/** Keeps count of the objects in force while they are put into maps. */
export class CountedObjects {
  readonly #counts = new Map<Kind, number>();

  /** Their number, by kind; kinds without any are left out. */
  get counts(): ReadonlyMap<Kind, number> {
    return this.#counts;
  }

  /** Stores the object's present state under its name; null removes it. */
  put<R extends Resource>(map: Map<string, R>, id: ResourceId, next: R | null): void {
    const before = map.size;
    if (next === null) map.delete(id.name);
    else map.set(id.name, next);
    this.count(id.kind, map.size - before);
  }

  /** So many came, or went where `change` is negative. */
  count(kind: Kind, change: number): void {
    if (change === 0) return;
    const count = (this.#counts.get(kind) ?? 0) + change;
    if (count === 0) this.#counts.delete(kind);
    else this.#counts.set(kind, count);
  }
}
