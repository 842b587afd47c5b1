import type { StatusSink } from '../../src/status/status-sink.ts';

/** A datastore in memory that remembers what was done, and fails when told to. */
export class MemorySink implements StatusSink {
  readonly held = new Map<string, string>();
  readonly calls: string[] = [];
  readonly ttls = new Map<string, number>();
  failure: Error | null = null;
  isClosed = false;

  list(prefix: string): Promise<ReadonlyMap<string, string>> {
    return this.#do(
      `list ${prefix}`,
      () => new Map([...this.held].filter(([key]) => key.startsWith(prefix))),
    );
  }

  put(key: string, value: string): Promise<void> {
    return this.#do(`put ${key} ${value}`, () => {
      this.held.set(key, value);
    });
  }

  putWithTtl(key: string, value: string, ttlMs: number): Promise<void> {
    return this.#do(`put ${key} ${value}`, () => {
      this.held.set(key, value);
      this.ttls.set(key, ttlMs);
    });
  }

  delete(key: string): Promise<void> {
    return this.#do(`delete ${key}`, () => {
      this.held.delete(key);
    });
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  async #do<T>(what: string, task: () => T): Promise<T> {
    this.calls.push(what);
    await Promise.resolve();
    if (this.failure !== null) throw this.failure;
    return task();
  }
}
