import type { PlainCursor } from './plain-cursor.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;

/** Passes over the value of a field; false where it is not understood. */
export type PassField = (cursor: PlainCursor) => boolean;

interface PlainField {
  /** The name in its quotes, and the colon. */
  readonly name: Uint8Array;
  readonly pass: PassField;
}

/** Passes over an object that has only these fields, each at most once, in any order. At most 31 fields. */
export function passObject(fields: Readonly<Record<string, PassField>>): PassField {
  const all: readonly PlainField[] = Object.entries(fields).map(([name, pass]) => ({
    name: Buffer.from(`"${name}":`),
    pass,
  }));
  // Writers have an order: what followed each field last, and at the end of the list what came first.
  const follower = [...all.keys()].map((index) => index + 1).concat(0);
  return (cursor) => {
    if (!cursor.passByte(OPEN)) return false;
    let seen = 0;
    let index = all.length;
    do {
      const last = index;
      index = nextField(all, follower[last] ?? 0, cursor);
      const bit = 1 << index;
      if (index < 0 || (seen & bit) !== 0 || all[index]?.pass(cursor) !== true) return false;
      follower[last] = index;
      seen |= bit;
    } while (cursor.passByte(COMMA));
    return cursor.passByte(CLOSE);
  };
}

/** The field that is next, most likely this one; -1 where it is none of them. */
function nextField(all: readonly PlainField[], likely: number, cursor: PlainCursor): number {
  for (let i = 0, index = likely; i < all.length; i++, index++) {
    if (index >= all.length) index = 0;
    const field = all[index];
    if (field !== undefined && cursor.passBytes(field.name)) return index;
  }
  return -1;
}
