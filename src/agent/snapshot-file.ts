import { closeSync, fstatSync, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { toError } from '../base/errors.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { err } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { writeDurably } from './durable-file.ts';
import {
  checkedLines,
  formatRecord,
  formatSnapshot,
  parseSnapshot,
  recordKey,
  SnapshotDamage,
} from './snapshot-format.ts';
import type { SavedView, SnapshotHead } from './snapshot-format.ts';
import { openRegular, UnfitFile } from './state-file.ts';

/** The file in the state directory that holds the datastore's last good view. */
export const SNAPSHOT_FILE = 'snapshot';

/** The view of some 400,000 pods. A larger one is not saved, and a larger file is not read into memory. */
export const LARGEST_SNAPSHOT_BYTES = 2 ** 28;

const CHUNK_BYTES = 256 * 1024;
// Others than the owner may write.
const FOREIGN_WRITE = 0o022;

/** Reads the view that was saved; null when there is none, an error in words when it must not be used. */
export function readSnapshot(stateDir: string): Result<SavedView, string> | null {
  try {
    return parseSnapshot(linesOf(join(stateDir, SNAPSHOT_FILE)));
  } catch (thrown) {
    const error = toError(thrown);
    return 'code' in error && error.code === 'ENOENT' ? null : err(error.message);
  }
}

/** One state each of keys; read twice. */
export interface States {
  keys(): Iterable<string>;
  /** Their bytes need to be good only until the next one is asked for. */
  values(): Iterable<RawUpdate>;
}

/** Replaces the file by these states of all keys. Rejects when they take more than `largestBytes`; then it stays. */
export async function writeSnapshot(
  stateDir: string,
  head: SnapshotHead,
  states: States,
  largestBytes = LARGEST_SNAPSHOT_BYTES,
): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const text = formatSnapshot(head, recordsOf(states));
  await writeDurably(stateDir, SNAPSHOT_FILE, bounded(text, largestBytes));
}

/**
 * Replaces the file by what it holds, with these states in the place of those that it holds of the same keys.
 * Rejects with SnapshotDamage when the file that is there is not whole, and when the new one would take more than
 * `largestBytes`; then it stays.
 */
export async function updateSnapshot(
  stateDir: string,
  head: SnapshotHead,
  states: States,
  largestBytes = LARGEST_SNAPSHOT_BYTES,
): Promise<void> {
  const before = checkedLines(linesOf(join(stateDir, SNAPSHOT_FILE)));
  const text = formatSnapshot(head, merged(before, states));
  await writeDurably(stateDir, SNAPSHOT_FILE, bounded(text, largestBytes));
}

function* merged(before: Iterable<SnapshotHead | string>, states: States): Generator<string, void> {
  const changed = new Set([...states.keys()].map(recordKey));
  for (const line of before) {
    if (typeof line === 'string' && !changed.has(line.slice(0, line.indexOf('\t')))) yield line;
  }
  yield* recordsOf(states);
}

function* recordsOf(states: States): Generator<string, void> {
  for (const { key, value, revision } of states.values()) {
    if (value !== null) yield formatRecord(key, value, revision);
  }
}

function* bounded(pieces: Iterable<string>, largestBytes: number): Generator<string, void> {
  let bytes = 0;
  for (const piece of pieces) {
    bytes += Buffer.byteLength(piece);
    if (bytes > largestBytes) throw new Error(`they take more than ${largestBytes} bytes`);
    yield piece;
  }
}

// The file is never held in memory as a whole.
function* linesOf(path: string): Generator<string, void> {
  const file = openOwn(path);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const decoder = new StringDecoder('utf8');
    // Put together once a line is whole: a file that is one line takes no longer than any other.
    let pieces: string[] = [];
    for (;;) {
      const size = readSync(file, chunk);
      if (size === 0) break;
      const [first = '', ...rest] = decoder.write(chunk.subarray(0, size)).split('\n');
      pieces.push(first);
      const last = rest.pop();
      if (last === undefined) continue;
      yield pieces.join('');
      yield* rest;
      pieces = [last];
    }
    if (pieces.join('') + decoder.end() !== '') throw new SnapshotDamage('it ends within a line');
  } finally {
    closeSync(file);
  }
}

// What others can write says nothing about the datastore.
function openOwn(path: string): number {
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
