/** Where status is written: keys and values as text. Every method rejects when the write did not land for sure. */
export interface StatusSink {
  /** All keys under `prefix`, with their values. */
  list(prefix: string): Promise<ReadonlyMap<string, string>>;
  put(key: string, value: string): Promise<void>;
  /** The key goes away by itself unless it is written again within `ttlMs`. */
  putWithTtl(key: string, value: string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}
