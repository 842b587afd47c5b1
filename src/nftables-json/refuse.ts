import { NftablesError } from '../base/errors.ts';

/** Throws NftablesError `invalid`: what was asked for could never be loaded. */
export function refuse(message: string): never {
  throw new NftablesError('invalid', message);
}

const NAME_BYTES = 255;

/** Refuses names that the kernel refuses (NFT_NAME_MAXLEN is 256 with the final zero). */
export function checkName(kind: string, name: string): string {
  checkText(`name of ${kind}`, name, NAME_BYTES);
  if (name === '') refuse(`a ${kind} needs a name`);
  return name;
}

/** Refuses text that is longer than `bytes` in UTF-8, or that a C string cannot hold. */
export function checkText(what: string, text: string, bytes: number): string {
  // A UTF-16 unit takes three bytes at most.
  const length = text.length * 3 <= bytes ? text.length : Buffer.byteLength(text);
  if (length > bytes)
    refuse(`${what} ${JSON.stringify(text)}: ${length} bytes, nftables takes at most ${bytes}`);
  if (text.includes('\0')) refuse(`${what} ${JSON.stringify(text)} contains a zero byte`);
  return text;
}

/** Refuses anything but whole numbers from `low` to `high`. */
export function checkNumber(
  what: string,
  value: number,
  { low = 0, high }: { readonly low?: number; readonly high: number },
): number {
  if (!Number.isInteger(value) || value < low || value > high)
    refuse(`${what} ${value}: must be a whole number from ${low} to ${high}`);
  return value;
}
