import type { NftablesErrorKind } from '../base/errors.ts';
import { NftablesError } from '../base/errors.ts';

// The texts of strerror(3), and of nft itself where it finds the fault before the kernel does.
const KINDS: readonly (readonly [RegExp, NftablesErrorKind])[] = [
  [/operation not permitted|permission denied/i, 'permission'],
  [/no such file or directory|does not exist/i, 'not-found'],
  [/file exists|conflicting intervals|overlaps with/i, 'exists'],
  [/resource busy/i, 'busy'],
  [/cannot allocate memory|no buffer space|message too long|too many open files/i, 'resources'],
  [
    /invalid argument|not supported|out of range|too many links|could not resolve|file name too long/i,
    'invalid',
  ],
];

const LONGEST = 2000;

/** An NftablesError for what nft printed: nft's own words, trimmed, and the kind that they mean. */
export function nftError(printed: string, cause?: unknown): NftablesError {
  const text = tidy(printed);
  return new NftablesError(
    errorKind(text),
    text === '' ? 'nft failed without a word' : text,
    cause,
  );
}

/** The kind of failure that nft's text tells of; the first error decides. */
export function errorKind(text: string): NftablesErrorKind {
  const [first = ''] = text.split('\n', 1);
  const known = KINDS.find(([pattern]) => pattern.test(first));
  if (known !== undefined) return known[1];
  // What the kernel did not say is nft's own judgement on what we wrote.
  return /could not process rule|netlink|cache init/i.test(first) || first === ''
    ? 'unknown'
    : 'invalid';
}

// JSON input has no lines: every location reads `internal:0:0-0`.
function tidy(printed: string): string {
  const lines = printed
    .split('\n')
    .map((line) => line.replace(/^internal:0:0-0: /, '').trim())
    .filter((line) => line !== '' && !/^\^[\^~]*$/.test(line));
  return [...new Set(lines)].join('\n').slice(0, LONGEST);
}
