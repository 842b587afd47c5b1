import { readNet } from '../net/cidr.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;

// A fraction of a millisecond's work.
const ITEMS_PER_STEP = 500;

/** The items of a JSON list that holds nothing but networks. */
export interface PlainItems {
  /** Where each begins. */
  readonly starts: readonly number[];
  /** In their canonical form. */
  readonly nets: readonly string[];
}

/**
 * Reads the inside of a JSON list, from `from` up to, without, `to`, in steps. Null unless it holds nothing but texts of
 * address characters that are networks, with no space between them. The places count from `from`.
 */
export function* readPlainItems(
  bytes: Uint8Array,
  from: number,
  to: number,
): Generator<undefined, PlainItems | null> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  const nets: string[] = [];
  let at = from;
  while (at < to) {
    const end = endOfText(bytes, at, to);
    const net = end < 0 ? null : readNet(buffer.toString('latin1', at + 1, end));
    if (net === null) return null;
    starts.push(at - from);
    nets.push(net.text);
    at = end + 1;
    if (at < to) {
      // Something must follow a comma.
      if (bytes[at] !== COMMA || at + 1 === to) return null;
      at += 1;
    }
    if (starts.length % ITEMS_PER_STEP === 0) yield;
  }
  return { starts, nets };
}

// Where the quote that ends it stands; -1 where no plain text begins or none ends.
function endOfText(bytes: Uint8Array, start: number, to: number): number {
  if (bytes[start] !== QUOTE) return -1;
  let at = start + 1;
  while (at < to && isAddressCharacter(bytes[at] ?? 0)) at += 1;
  return at < to && bytes[at] === QUOTE ? at : -1;
}

// Digits, a to f in either case, and ".", "/", ":".
function isAddressCharacter(code: number): boolean {
  if (code >= 0x2e && code <= 0x3a) return true;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66;
}
