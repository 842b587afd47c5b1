import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { toError } from '../base/errors.ts';

/** What cannot be a file that the daemon wrote; the message says why. */
export class UnfitFile extends Error {}

/** More than anything that is kept in a file of one line. */
export const LARGEST_STATE_BYTES = 64 * 1024;

/**
 * What a small file in the state or the run directory says; null when there is none. Throws the system's error, and
 * UnfitFile for a pipe that nobody writes to, or what is too large: a start neither hangs nor runs out of memory.
 */
export function readStateFile(path: string): string | null {
  return readRegular(path, LARGEST_STATE_BYTES);
}

/** The same for a file of at most so many bytes. */
export function readRegular(path: string, largestBytes: number): string | null {
  let file: number;
  try {
    file = openRegular(path, largestBytes);
  } catch (thrown) {
    const error = toError(thrown);
    if ('code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Opens a file to be read, at once whatever it is; throws UnfitFile unless it is a regular file of at most so many bytes. */
export function openRegular(path: string, largestBytes: number): number {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = fstatSync(file);
  if (found.isFile() && found.size <= largestBytes) return file;
  closeSync(file);
  throw new UnfitFile(
    found.isFile() ? `it is larger than ${largestBytes} bytes` : 'it is not a regular file',
  );
}
