import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { SnapshotDamage } from './snapshot-format.ts';
import { openRegular, UnfitFile } from './state-file.ts';

/** The view of some 400,000 pods. A larger one is not saved, and a larger file is not read into memory. */
export const LARGEST_SNAPSHOT_BYTES = 2 ** 28;

// Others than the owner may write.
const FOREIGN_WRITE = 0o022;

/** Opens a file to be read. Throws the system's error, and SnapshotDamage: what others can write says nothing about the datastore. */
export function openOwn(path: string): number {
  const file = openFit(path);
  const { uid, mode } = fstatSync(file);
  if (uid === process.getuid?.() && (mode & FOREIGN_WRITE) === 0) return file;
  closeSync(file);
  throw new SnapshotDamage('it belongs to somebody else, or others than its owner may write it');
}

function openFit(path: string): number {
  try {
    return openRegular(path, LARGEST_SNAPSHOT_BYTES);
  } catch (thrown) {
    throw thrown instanceof UnfitFile ? new SnapshotDamage(thrown.message) : thrown;
  }
}

/** All of such a file. */
export function readOwn(path: string): Buffer {
  const file = openOwn(path);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
