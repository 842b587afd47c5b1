import type { Family } from '../ruleset/ruleset.ts';
import { addressLength, clearHostBits, writeAddress, writeNext } from './address-bytes.ts';
import { encodeNet } from './encode-element.ts';

/** Values from `first` up to, and without, `end`; null: up to the last there is. */
export interface Interval {
  readonly first: Buffer;
  readonly end: Buffer | null;
}

/** The interval of an address or CIDR. Throws NftablesError `invalid`. */
export function netInterval(family: Family, net: string): Interval {
  const length = addressLength(family);
  const value = encodeNet(family, net);
  const [text, prefix] =
    typeof value === 'string' ? [value, length * 8] : [value.prefix.addr, value.prefix.len];
  const first = Buffer.allocUnsafe(length);
  writeAddress(first, family, text);
  clearHostBits(first, prefix);
  const end = Buffer.allocUnsafe(length);
  return { first, end: writeNext(end, first, prefix) ? end : null };
}

/** The same values in as few intervals as possible, in order. */
export function mergeIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const merged: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.first.compare(b.first))) {
    const last = merged.at(-1);
    if (last === undefined || (last.end !== null && next.first.compare(last.end) > 0))
      merged.push(next);
    else merged[merged.length - 1] = { first: last.first, end: later(last.end, next.end) };
  }
  return merged;
}

function later(a: Buffer | null, b: Buffer | null): Buffer | null {
  if (a === null || b === null) return null;
  return a.compare(b) < 0 ? b : a;
}
