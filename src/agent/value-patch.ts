import { commonEnds } from '../resource/common-ends.ts';

/** What makes one value of another: `bytes` in the place of `gone` bytes from `from` on. */
export interface ValuePatch {
  readonly from: number;
  readonly gone: number;
  readonly bytes: Uint8Array;
}

/** The shortest one; null where it is hardly shorter than the value that comes of it. */
export function patchBetween(before: Uint8Array, after: Uint8Array): ValuePatch | null {
  const { front, back } = commonEnds(before, after);
  const bytes = after.subarray(front, after.length - back);
  if (2 * bytes.length > after.length) return null;
  return { from: front, gone: before.length - front - back, bytes };
}

/** The value that comes of it; null where it is none for this one. */
export function patched(before: Uint8Array, { from, gone, bytes }: ValuePatch): Buffer | null {
  if (from + gone > before.length) return null;
  return Buffer.concat([before.subarray(0, from), bytes, before.subarray(from + gone)]);
}
