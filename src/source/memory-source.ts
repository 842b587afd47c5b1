import { InvariantError } from '../base/errors.ts';
import type { Problem } from '../base/problem.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import type { Source, SourceEvent, SourceListener } from './source.ts';

/** One change of a transaction; null deletes. Text is stored as UTF-8. */
export interface MemoryChange {
  readonly key: string;
  readonly value: string | Uint8Array | null;
}

/** A datastore in memory that is its own source; every mutation is one revision. */
export interface MemorySource extends Source {
  put(key: string, value: string | Uint8Array): void;
  delete(key: string): void;
  transaction(changes: readonly MemoryChange[]): void;
  /** From now on the listener sees nothing but one `lost`; mutations still count. */
  lose(error: Error): void;
  /** The end of that: the difference is delivered, then `in-sync`. */
  recover(): void;
  /** Delivers these as the medium's own problems. */
  report(problems: readonly Problem[]): void;
}

interface Entry {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** An empty datastore in memory, for tests and dry runs. Events arrive in microtasks, in order. */
export function createMemorySource(): MemorySource {
  return new Memory();
}

class Memory implements MemorySource {
  readonly #entries = new Map<string, Entry>();
  /** What the listener has; entries are compared by identity. */
  readonly #delivered = new Map<string, Entry>();
  readonly #queue: SourceEvent[] = [];
  #listener: SourceListener | undefined;
  #revision = 0;
  #lost: Error | undefined;
  #closed = false;

  start(listener: SourceListener): void {
    if (this.#listener !== undefined) throw new InvariantError('a source is started once');
    this.#listener = listener;
    if (this.#lost === undefined) this.#synchronise();
    else this.#send({ kind: 'lost', error: this.#lost });
  }

  resync(): void {
    if (this.#lost === undefined) this.#synchronise();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    return Promise.resolve();
  }

  put(key: string, value: string | Uint8Array): void {
    this.transaction([{ key, value }]);
  }

  delete(key: string): void {
    this.transaction([{ key, value: null }]);
  }

  transaction(changes: readonly MemoryChange[]): void {
    this.#revision += 1;
    for (const { key, value } of changes) {
      if (value === null) this.#entries.delete(key);
      else this.#entries.set(key, { value: bytesOf(value), revision: this.#revision });
    }
    if (this.#lost === undefined) this.#deliver(changes.map(({ key }) => key));
  }

  lose(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#send({ kind: 'lost', error });
  }

  recover(): void {
    if (this.#lost === undefined) return;
    this.#lost = undefined;
    this.#synchronise();
  }

  report(problems: readonly Problem[]): void {
    this.#send({ kind: 'problems', problems });
  }

  #synchronise(): void {
    this.#deliver([...this.#entries.keys(), ...this.#delivered.keys()]);
    this.#send({ kind: 'in-sync', revision: this.#revision });
  }

  #deliver(keys: readonly string[]): void {
    if (this.#listener === undefined) return;
    const updates: RawUpdate[] = [];
    for (const key of new Set(keys)) {
      const entry = this.#entries.get(key);
      if (entry === this.#delivered.get(key)) continue;
      if (entry === undefined) this.#delivered.delete(key);
      else this.#delivered.set(key, entry);
      updates.push({ key, value: null, revision: this.#revision, ...entry });
    }
    if (updates.length > 0) this.#send({ kind: 'updates', updates, revision: this.#revision });
  }

  #send(event: SourceEvent): void {
    if (this.#listener === undefined || this.#closed) return;
    this.#queue.push(event);
    queueMicrotask(() => {
      const next = this.#queue.shift();
      if (next !== undefined) this.#listener?.(next);
    });
  }
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value.slice();
}
