import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RawUpdate } from '../base/raw-update.ts';

/** The most bytes that a log takes. */
export const LARGEST_LOG_BYTES = 2 ** 28;

const CHUNK_BYTES = 256 * 1024;
// Revision as a double, and the number of bytes of the value.
const HEAD_BYTES = 12;
const NO_VALUE = 2 ** 32 - 1;
const NO_CHUNK = Buffer.alloc(0);

/**
 * The last state of each key that was appended. Of many, values are in a file without a name, so that the whole
 * datastore passes through in the memory of a few values; of few, no file is made.
 */
export class ChangeLog {
  readonly #directory: string;
  /** Where the record of each key begins, in that order; or the state itself. */
  readonly #positions = new Map<string, number | RawUpdate>();
  #chunk = NO_CHUNK;
  #used = 0;
  #file: number | null = null;
  #written = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Number of keys. */
  get size(): number {
    return this.#positions.size;
  }

  /** What it takes, states that were followed by others of the same key included, and the states that are kept not. */
  get bytes(): number {
    return this.#written + this.#used;
  }

  /** Those states that are kept as they are. */
  get kept(): readonly RawUpdate[] {
    return [...this.#positions.values()].filter((one) => typeof one !== 'number');
  }

  /** Keeps a state whose bytes stay as they are, and are somebody else's anyway. */
  keep(update: RawUpdate): void {
    this.#positions.delete(update.key);
    this.#positions.set(update.key, update);
  }

  /** Takes a copy. Throws when there is no room; then the log is of no use any more. */
  append({ key, value, revision }: RawUpdate): void {
    const bytes = HEAD_BYTES + (value?.length ?? 0);
    const chunk = this.#chunkFor(bytes);
    const at = this.#used;
    chunk.writeDoubleLE(revision, at);
    chunk.writeUInt32LE(value?.length ?? NO_VALUE, at + 8);
    if (value !== null) chunk.set(value, at + HEAD_BYTES);
    this.#used += bytes;
    this.#positions.delete(key);
    this.#positions.set(key, this.#written + at);
  }

  /** Each key once, in the order of its last state. */
  keys(): Iterable<string> {
    return this.#positions.keys();
  }

  /** The states, in the order in which they came. Their bytes are good until the next one is asked for. */
  *values(): Generator<RawUpdate, void> {
    const window = Buffer.allocUnsafe(CHUNK_BYTES);
    let from = 0;
    let to = 0;
    const at = (position: number, length: number): Buffer => {
      const start = position - this.#written;
      if (start >= 0) return this.#chunk.subarray(start, start + length);
      if (length > window.length) return this.#read(Buffer.allocUnsafe(length), position);
      if (position < from || position + length > to) {
        from = position;
        to = from + this.#read(window, from).length;
      }
      return window.subarray(position - from, position - from + length);
    };
    for (const [key, position] of this.#positions) {
      if (typeof position !== 'number') {
        yield position;
        continue;
      }
      const head = at(position, HEAD_BYTES);
      const revision = head.readDoubleLE(0);
      const length = head.readUInt32LE(8);
      const value = length === NO_VALUE ? null : at(position + HEAD_BYTES, length);
      yield { key, value, revision };
    }
  }

  /** Lets go of everything. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#chunk = NO_CHUNK;
    this.#used = 0;
    this.#written = 0;
    this.#positions.clear();
  }

  // A record is in one chunk.
  #chunkFor(bytes: number): Buffer {
    if (this.#used + bytes > this.#chunk.length) {
      if (this.#used > 0) this.#spill();
      if (bytes > this.#chunk.length || this.#chunk.length > CHUNK_BYTES) {
        this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes));
      }
    }
    return this.#chunk;
  }

  #spill(): void {
    if (this.#written + this.#used > LARGEST_LOG_BYTES) {
      throw new Error(`they take more than ${LARGEST_LOG_BYTES} bytes`);
    }
    this.#file ??= openNameless(this.#directory);
    let done = 0;
    while (done < this.#used) {
      done += writeSync(this.#file, this.#chunk, done, this.#used - done, this.#written + done);
    }
    this.#written += this.#used;
    this.#used = 0;
  }

  #read(into: Buffer, position: number): Buffer {
    const length = Math.min(into.length, this.#written - position);
    let done = 0;
    while (done < length) {
      const size = readSync(this.#file ?? -1, into, done, length - done, position + done);
      if (size === 0) throw new Error('the file of changes ends too early');
      done += size;
    }
    return into.subarray(0, length);
  }
}

// Gone with this process, however it ends.
function openNameless(directory: string): number {
  const path = join(directory, 'snapshot.changes');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const file = openSync(path, 'wx+', 0o600);
  rmSync(path);
  return file;
}
