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
  return (cursor) => {
    if (!cursor.passByte(OPEN)) return false;
    let seen = 0;
    let index = -1;
    do {
      index = nextField(all, index + 1, cursor);
      const bit = 1 << index;
      if (index < 0 || (seen & bit) !== 0 || all[index]?.pass(cursor) !== true) return false;
      seen |= bit;
    } while (cursor.passByte(COMMA));
    return cursor.passByte(CLOSE);
  };
}

// Writers have an order, so the field is mostly found by the first comparisons.
function nextField(all: readonly PlainField[], first: number, cursor: PlainCursor): number {
  for (let i = 0, index = first; i < all.length; i++, index++) {
    if (index >= all.length) index = 0;
    const field = all[index];
    if (field !== undefined && cursor.passBytes(field.name)) return index;
  }
  return -1;
}
