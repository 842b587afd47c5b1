import { InvariantError } from '../base/errors.ts';
import { bufferOf } from '../base/raw-update.ts';
import type { TextList } from '../base/text-list.ts';
import { readNet } from '../net/cidr.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;

// A fraction of a millisecond's work.
const ITEMS_PER_STEP = 500;

/** Part of a text: from `from` up to, without, `to`. */
export interface Stretch {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads items of a JSON list, in steps, in their canonical form. Null unless there is nothing but texts of address
 * characters that are networks, with commas and no space between them.
 */
export function* readPlainNets(stretch: Stretch): Generator<undefined, readonly string[] | null> {
  const { to } = stretch;
  const bytes = bufferOf(stretch.bytes);
  const nets: string[] = [];
  let at = stretch.from;
  while (at < to) {
    const end = endOfText(bytes, at, to);
    const net = end < 0 ? null : netBetween(bytes, at, end);
    if (net === null) return null;
    nets.push(net);
    at = end + 1;
    if (at < to) {
      // Something must follow a comma.
      if (bytes[at] !== COMMA || at + 1 === to) return null;
      at += 1;
    }
    if (nets.length % ITEMS_PER_STEP === 0) yield;
  }
  return nets;
}

/**
 * What `readPlainNets` answers for this stretch, `length` networks, read again whenever it is asked for: nothing is kept
 * but the bytes.
 */
export function plainNets({ bytes: text, from, to }: Stretch, length: number): TextList {
  const bytes = bufferOf(text);
  return {
    length,
    *[Symbol.iterator]() {
      for (let at = from; at < to;) {
        const end = endOfText(bytes, at, to);
        const net = end < 0 ? null : netBetween(bytes, at, end);
        if (net === null)
          throw new InvariantError('a list of networks has changed after it was read');
        yield net;
        at = end + '",'.length;
      }
    },
  };
}

// Of the text between the quotes that stand at both places; null when it is no network.
function netBetween(bytes: Buffer, start: number, end: number): string | null {
  return readNet(bytes.toString('latin1', start + 1, end))?.text ?? null;
}

// Where the quote that ends it stands; -1 where no plain text begins or none ends.
function endOfText(bytes: Buffer, start: number, to: number): number {
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
