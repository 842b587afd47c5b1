/** A `Cidr` of IPv4, but for the kind of number that its first address is. */
export interface PlainCidr {
  readonly family: 4;
  readonly bits: number;
  readonly prefix: number;
  readonly text: string;
}

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const SLASH = 0x2f;
const NONE = -1;

/**
 * The IPv4 network of a text that is written as we would write it, as almost all are; null for anything else, which
 * may be a network all the same.
 */
export function plainCidr(text: string): PlainCidr | null {
  let [value, number, separators] = [0, NONE, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= NINE) {
      number = followedBy(number, code - ZERO);
      continue;
    }
    if (code !== (separators === 3 ? SLASH : DOT) || !isAtMost(255, number)) return null;
    value = 256 * value + number;
    number = NONE;
    separators += 1;
  }
  if (separators !== 4 || !isAtMost(32, number)) return null;
  if (value % 2 ** (32 - number) !== 0) return null;
  return { family: 4, bits: value, prefix: number, text };
}

// A zero comes in front of nothing: such a number is none, whatever follows.
function followedBy(number: number, digit: number): number {
  if (number === NONE) return digit;
  return number === 0 ? NaN : 10 * number + digit;
}

function isAtMost(most: number, number: number): boolean {
  return number >= 0 && number <= most;
}
