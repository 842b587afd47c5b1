import { crc32 } from 'node:zlib';
import { isLarge } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';

// A double holds 53 bits exactly: 32 of the revision, 21 of the checksum.
const REVISIONS = 2 ** 32;
const CHECKSUMS = 2 ** 21;

/** A state: in short, or of a large value itself. */
type Mark = number | { readonly revision: number; readonly value: Uint8Array };

/**
 * Which state of which key the listener has. Two states of one key with different revisions always
 * differ here; the value, or its checksum, tells apart what a restored snapshot and its original made
 * of the same revision. One number for most keys, as they come in hundreds of thousands.
 */
export class Delivered {
  readonly #marks = new Map<string, Mark>();
  #trusted = true;

  get size(): number {
    return this.#marks.size;
  }

  /** Whether the listener does not have this state yet. */
  isNews(update: RawUpdate): boolean {
    const known = this.#marks.get(update.key);
    if (update.value === null) return known !== undefined;
    if (known === undefined) return true;
    return !this.#trusted || !isMarkOf(known, update.revision, update.value);
  }

  /** Remembers that the listener got these states, in this order. */
  accept(updates: readonly RawUpdate[]): void {
    for (const { key, value, revision } of updates) {
      if (value === null) this.#marks.delete(key);
      else this.#marks.set(key, markOf(revision, value));
    }
  }

  /** Deletions, as of `revision`, of all keys that the listener has and `present` lacks. */
  missing(present: ReadonlySet<string>, revision: number): RawUpdate[] {
    const gone: RawUpdate[] = [];
    for (const key of this.#marks.keys()) {
      if (!present.has(key)) gone.push({ key, value: null, revision });
    }
    return gone;
  }

  /** From now on every state is news, until `trust`: revisions no longer mean what they meant. */
  distrust(): void {
    this.#trusted = false;
  }

  /** Everything was delivered again. */
  trust(): void {
    this.#trusted = true;
  }
}

function markOf(revision: number, value: Uint8Array): Mark {
  // A checksum of a megabyte takes a third of a millisecond.
  return isLarge(value) ? { revision, value } : checksum(revision, value);
}

// Whether a value is large depends on where it stands as well: the same one may come in a list of many.
function isMarkOf(mark: Mark, revision: number, value: Uint8Array): boolean {
  if (typeof mark === 'number') return mark === checksum(revision, value);
  return mark.revision === revision && Buffer.compare(mark.value, value) === 0;
}

function checksum(revision: number, value: Uint8Array): number {
  return (revision % REVISIONS) * CHECKSUMS + (crc32(value) % CHECKSUMS);
}
