import { bufferOf } from '../base/raw-update.ts';

// What a byte means; up to the first that is no plain one, in this order.
const PLAIN = 0;
const OPENING = 1;
const CLOSING = 2;
const QUOTE = 3;
const ODD = 4;

const MEANINGS = Uint8Array.from({ length: 256 }, (_, code) => meaningOf(code));

function meaningOf(code: number): number {
  const character = String.fromCharCode(code);
  if (code < 0x20 || code >= 0x80 || character === '\\') return ODD;
  if (character === '"') return QUOTE;
  if ('[{'.includes(character)) return OPENING;
  return ']}'.includes(character) ? CLOSING : PLAIN;
}

/**
 * A place in the bytes of a JSON text that is passed over without making values of it. It only goes over what is
 * plain: ASCII without escapes, no space outside of texts. Where a method answers false, the rest must not be trusted.
 */
export class PlainCursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** The text or value passed over last: the inside of a text, all of a list or object. */
  from = 0;
  to = 0;
  /** Of the bytes of the list or object passed over last. */
  hash = 0;

  /** Goes to the beginning of these bytes. */
  begin(bytes: Uint8Array): void {
    this.bytes = bufferOf(bytes);
    this.at = 0;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** Passes over this byte, if it is the next. */
  passByte(code: number): boolean {
    if (this.bytes[this.at] !== code) return false;
    this.at += 1;
    return true;
  }

  /** Passes over these bytes, if they are the next. */
  passBytes(expected: Uint8Array): boolean {
    const { bytes, at } = this;
    // Names differ in their second byte, mostly: the first is a quote.
    for (let i = expected.length - 1; i >= 0; i--) {
      if (bytes[at + i] !== expected[i]) return false;
    }
    this.at = at + expected.length;
    return true;
  }

  /** Passes over a plain text. */
  passText(): boolean {
    const { bytes } = this;
    let { at } = this;
    if (meaningAt(bytes, at) !== QUOTE) return false;
    this.from = at + 1;
    let meaning: number;
    do meaning = meaningAt(bytes, ++at);
    while (meaning < QUOTE);
    this.to = at;
    this.at = at + 1;
    return meaning === QUOTE;
  }

  /** Passes over a list or an object, whose inside need not be JSON. */
  passNested(): boolean {
    const { bytes } = this;
    let { at } = this;
    let [depth, hash, isInText] = [0, 0, false];
    this.from = at;
    do {
      const code = bytes[at] ?? 0;
      const meaning = MEANINGS[code] ?? ODD;
      hash = (Math.imul(hash, 31) + code) | 0;
      at += 1;
      if (meaning === PLAIN) continue;
      if (meaning === ODD) return false;
      if (meaning === QUOTE) isInText = !isInText;
      else if (!isInText) depth += meaning === OPENING ? 1 : -1;
    } while (depth > 0);
    this.hash = hash;
    this.to = at;
    this.at = at;
    return at > this.from + 1;
  }

  /** Whether the inside of the text passed over last is this one. */
  isText(text: string): boolean {
    const { bytes, from } = this;
    if (text.length !== this.to - from) return false;
    for (let i = 0; i < text.length; i++) {
      if (bytes[from + i] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  /** Whether what was passed over last ends so. */
  endsWith(end: Uint8Array): boolean {
    const { bytes, from, to } = this;
    const start = to - end.length;
    return start >= from && end.every((byte, i) => bytes[start + i] === byte);
  }

  /** What was passed over last, without this many bytes at its end. */
  text(cutOff = 0): string {
    return this.bytes.toString('latin1', this.from, this.to - cutOff);
  }
}

// Beyond the end it is odd.
function meaningAt(bytes: Buffer, at: number): number {
  return MEANINGS[bytes[at] ?? 0] ?? ODD;
}
