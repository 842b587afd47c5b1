import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';

/** A way to read Felix's string form of a parameter; the error says what is allowed. */
export type FelixParser<T> = (text: string) => Result<T, string>;

/** Felix's booleans: `true 1 yes y t` and `false 0 no n f`, any case; `none` is false. */
export const parseFelixBoolean: FelixParser<boolean> = (text) => {
  const word = text.toLowerCase();
  if (['true', '1', 'yes', 'y', 't'].includes(word)) return ok(true);
  if (['false', '0', 'no', 'n', 'f', 'none'].includes(word)) return ok(false);
  return err('write true or false');
};

/**
 * Go's integers with base 0, within the limits: decimal, `0x…`, `0o…` or a leading 0 for octal, `0b…`, with
 * `_` between digits; `none` is 0.
 */
export function felixInteger(smallest: number, largest: number): FelixParser<number> {
  return (text) => {
    const value = text.toLowerCase() === 'none' ? 0 : parseGoInteger(text);
    return value !== null && value >= smallest && value <= largest
      ? ok(value)
      : err(`write a whole number from ${smallest} to ${largest}`);
  };
}

/** Seconds, fractions allowed, as milliseconds; `none` is 0. Not negative and at most a day, so that timers work. */
export const parseFelixSeconds: FelixParser<number> = (text) => {
  const isNumber = /^[+]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const seconds = text.toLowerCase() === 'none' ? 0 : isNumber ? Number(text) : NaN;
  return seconds <= 86_400
    ? ok(seconds * 1000)
    : err('write seconds from 0 to 86400, such as 1 or 0.5');
};

/** A mask of packet-mark bits; two are the fewest that work. Felix refuses `none` for it. */
export const parseMarkMask: FelixParser<number> = (text) => {
  const mask = parseGoInteger(text);
  return mask !== null && mask >= 0 && mask <= 0xffffffff && countBits(mask) >= 2
    ? ok(mask)
    : err('write a 32-bit number with at least two bits set, such as 0xffff0000');
};

/** A rate such as `10/second`. */
export interface Rate {
  /** 1–9999. */
  readonly rate: number;
  readonly per: 'second' | 'minute' | 'hour' | 'day';
}

/** `N/second`, `N/minute`, `N/hour` or `N/day` (Calico 3.32, LogActionRateLimit); `none` is no limit. */
export const parseRate: FelixParser<Rate | null> = (text) => {
  if (text.toLowerCase() === 'none') return ok(null);
  const match = /^([1-9]\d{0,3})\/(second|minute|hour|day)$/.exec(text);
  return match === null
    ? err('write N/second, N/minute, N/hour or N/day with N from 1 to 9999')
    : ok({ rate: Number(match[1]), per: match[2] as Rate['per'] });
};

function parseGoInteger(text: string): number | null {
  const match =
    /^([+-]?)(0x_?[\da-f]+(?:_[\da-f]+)*|0o_?[0-7]+(?:_[0-7]+)*|0b_?[01]+(?:_[01]+)*|0(?:_?[0-7]+)*|[1-9]\d*(?:_\d+)*)$/i.exec(
      text,
    );
  const digits = match?.[2]?.replaceAll('_', '');
  if (digits === undefined) return null;
  const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return match?.[1] === '-' ? -value : value;
}

function countBits(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}
