import type { StoredPair } from './calico.ts';
import type { Etcd, EtcdOperation } from './etcd.ts';

/** The contents of a datastore, replaced as a whole: each write carries only what differs. */
export class Datastore {
  readonly #etcd: Etcd;
  #contents = new Map<string, string>();
  #revision = 0;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
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
    const operations: EtcdOperation[] = [
      ...gone.map((key) => ({ key, value: null })),
      ...changed.map(([key, value]) => ({ key, value })),
    ];
    if (operations.length > 0) this.#revision = await this.#etcd.txn(operations);
    this.#contents = wanted;
    return this.#revision;
  }

  /** The datastore holds exactly these already. */
  assume(pairs: readonly StoredPair[]): void {
    this.#contents = new Map(pairs);
  }

  /** The value of any key, also of those that others write; null when there is none. */
  async get(key: string): Promise<string | null> {
    const answer = await this.#etcd.call('kv/range', { key: Buffer.from(key).toString('base64') });
    const pairs = (answer as { readonly kvs?: readonly { readonly value?: string }[] }).kvs ?? [];
    const value = pairs[0]?.value;
    return value === undefined ? null : Buffer.from(value, 'base64').toString();
  }
}
