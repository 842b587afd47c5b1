// Compared by the platform as long as they are equal, by the byte in the piece that is not.
const PIECE = 64 * 1024;

/** A place in a text. */
interface Place {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** How many bytes two texts have in common at their beginning, and in what is left of both at their end. */
export function commonEnds(
  a: Uint8Array,
  b: Uint8Array,
): { readonly front: number; readonly back: number } {
  const shorter = Math.min(a.length, b.length);
  const front = countEqual(shorter, (done, size) =>
    sameBytes({ bytes: a, at: done }, { bytes: b, at: done }, size),
  );
  const back = countEqual(shorter - front, (done, size) => {
    const before = done + size;
    return sameBytes(
      { bytes: a, at: a.length - before },
      { bytes: b, at: b.length - before },
      size,
    );
  });
  return { front, back };
}

/** Whether the same `size` bytes stand at both places. */
export function sameBytes(a: Place, b: Place, size: number): boolean {
  const inA = a.bytes.subarray(a.at, a.at + size);
  const inB = b.bytes.subarray(b.at, b.at + size);
  return Buffer.compare(inA, inB) === 0;
}

// How far, of `most`, both are equal: by pieces that are halved where they differ.
function countEqual(most: number, areEqual: (done: number, size: number) => boolean): number {
  let done = 0;
  for (let piece = PIECE; piece > 0 && done < most;) {
    const size = Math.min(piece, most - done);
    if (areEqual(done, size)) done += size;
    else piece = size >> 1;
  }
  return done;
}
