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
  return intervalReader(family)(net);
}

/** `netInterval` for many: each answer is good until the next, and leaves no garbage. */
export function intervalReader(family: Family): (net: string) => Interval {
  const length = addressLength(family);
  const first = Buffer.allocUnsafe(length);
  const end = Buffer.allocUnsafe(length);
  const closed: Interval = { first, end };
  const open: Interval = { first, end: null };
  return (net) => {
    const plain = family === 4 ? writePlain(first, net) : NOT_PLAIN;
    const prefix = plain === NOT_PLAIN ? writeNet(first, family, net) : plain;
    clearHostBits(first, prefix);
    return writeNext(end, first, prefix) ? closed : open;
  };
}

// Answers the length of the prefix.
function writeNet(into: Buffer, family: Family, net: string): number {
  const value = encodeNet(family, net);
  const [text, prefix] =
    typeof value === 'string' ? [value, into.length * 8] : [value.prefix.addr, value.prefix.len];
  writeAddress(into, family, text);
  return prefix;
}

const NOT_PLAIN = -1;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;
const LONGEST_PREFIX = 32;

/** `writeNet` of IPv4 in one pass over the text, as almost all are written; NOT_PLAIN for anything else. */
function writePlain(into: Buffer, net: string): number {
  let [number, separators] = [NaN, 0];
  for (let i = 0; i < net.length; i++) {
    const code = net.charCodeAt(i);
    if (code >= ZERO && code <= NINE) {
      number = followedBy(number, code - ZERO);
      continue;
    }
    if (code !== (separators === 3 ? SLASH : DOT) || !(number <= 255)) return NOT_PLAIN;
    into[separators] = number;
    separators += 1;
    number = NaN;
  }
  if (separators === 4) return number <= LONGEST_PREFIX ? number : NOT_PLAIN;
  if (separators !== 3 || !(number <= 255)) return NOT_PLAIN;
  into[3] = number;
  return LONGEST_PREFIX;
}

// NaN is no number yet; a zero comes in front of nothing.
function followedBy(number: number, digit: number): number {
  if (Number.isNaN(number)) return digit;
  return number === 0 ? Infinity : 10 * number + digit;
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
