import type { PlainCursor } from './plain-cursor.ts';

const SLOTS = 1024;
// Longer ones are read each time, so that all together keep at most four megabytes.
const LONGEST = 4096;

interface Known<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

/** What lists and objects mean that were read lately, by their bytes: pods of one template have equal ones. */
export class KnownSpans<T> {
  readonly #slots: (Known<T> | undefined)[] = Array.from({ length: SLOTS });

  /** What the list or object passed over last means; `read` is asked where that is not known. Null is not kept. */
  meaning(cursor: PlainCursor, read: (cursor: PlainCursor) => T | null): T | null {
    const { bytes, from, to } = cursor;
    const slot = (cursor.hash >>> 0) % SLOTS;
    const known = this.#slots[slot];
    if (known !== undefined && isAt(known.bytes, bytes, { from, to })) return known.value;
    const value = read(cursor);
    if (value !== null && to - from <= LONGEST)
      this.#slots[slot] = { bytes: Uint8Array.prototype.slice.call(bytes, from, to), value };
    return value;
  }
}

function isAt(
  span: Uint8Array,
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  if (span.length !== to - from) return false;
  for (let i = 0; i < span.length; i++) if (span[i] !== bytes[from + i]) return false;
  return true;
}
