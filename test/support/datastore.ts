import type { StoredPair } from './calico.ts';

/** One change of a transaction: a value, or null to delete the key. */
export type Change = readonly [key: string, value: string | null];

/** What is needed of an etcd server. */
export interface KeyValueStore {
  /** Applies all changes in one transaction; resolves to its revision. */
  commit(changes: readonly Change[]): Promise<number>;
  /** The value of a key, or null. */
  get(key: string): Promise<string | null>;
}

/** The contents of a datastore, replaced as a whole: each write carries only what differs. */
export class Datastore {
  readonly #store: KeyValueStore;
  #contents = new Map<string, string>();
  #revision = 0;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** The revision of the last write. */
  get revision(): number {
    return this.#revision;
  }

  /** Makes the contents exactly these, in one transaction; resolves to the revision that holds them. */
  async replace(pairs: readonly StoredPair[]): Promise<number> {
    const wanted = new Map(pairs);
    const gone = [...this.#contents.keys()].filter((key) => !wanted.has(key));
    const changed = [...wanted].filter(([key, value]) => this.#contents.get(key) !== value);
    const changes: Change[] = [...gone.map((key): Change => [key, null]), ...changed];
    if (changes.length > 0) this.#revision = await this.#store.commit(changes);
    this.#contents = wanted;
    return this.#revision;
  }

  /** The value of any key, also of those that others write. */
  get(key: string): Promise<string | null> {
    return this.#store.get(key);
  }
}
