import { closeSync, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { toError } from '../base/errors.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { bounded } from './bounded-pieces.ts';
import { writeDurably } from './durable-file.ts';
import { JournalledStates } from './journalled-states.ts';
import { openOwn, readOwn } from './own-file.ts';
import {
  checkedLines,
  formatRecord,
  formatSnapshot,
  parseSnapshot,
  recordKey,
  SnapshotDamage,
} from './snapshot-format.ts';
import type { CheckedView, SavedView, SnapshotHead } from './snapshot-format.ts';
import { parseJournal } from './snapshot-journal.ts';

/** The file in the state directory that holds the datastore's last good view. */
export const SNAPSHOT_FILE = 'snapshot';

const CHUNK_BYTES = 256 * 1024;

/** The file in the state directory with what was saved after the snapshot. */
export const JOURNAL_FILE = 'snapshot.journal';

/** A snapshot that was written. */
export interface WrittenSnapshot {
  readonly sha256: string;
  readonly bytes: number;
}

/** Reads the view that was saved; null when there is none, an error in words when it must not be used. */
export function readSnapshot(stateDir: string): Result<SavedView, string> | null {
  try {
    const snapshot = parseSnapshot(linesOf(join(stateDir, SNAPSHOT_FILE)));
    return snapshot.ok ? ok(withJournal(stateDir, snapshot.value)) : snapshot;
  } catch (thrown) {
    return isAbsent(thrown) ? null : err(toError(thrown).message);
  }
}

function withJournal(stateDir: string, { sha256, ...view }: CheckedView): SavedView {
  const states = new JournalledStates(view.updates);
  let head: SnapshotHead = view;
  for (const part of parseJournal(journalOf(stateDir), sha256)) {
    if (!states.take(part.records)) break;
    head = part;
  }
  const { revision, takenAt } = head;
  const kept = view.updates.filter(({ key }) => !states.has(key));
  const updates = [...kept, ...states.values()].filter(({ value }) => value !== null);
  return { revision, takenAt, updates };
}

function journalOf(stateDir: string): Buffer {
  try {
    return readOwn(join(stateDir, JOURNAL_FILE));
  } catch (thrown) {
    if (isAbsent(thrown)) return Buffer.alloc(0);
    throw thrown;
  }
}

function isAbsent(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
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
  largestBytes: number,
): Promise<WrittenSnapshot> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  return replace(stateDir, formatSnapshot(head, recordsOf(states)), largestBytes);
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
  largestBytes: number,
): Promise<WrittenSnapshot> {
  const before = checkedLines(linesOf(join(stateDir, SNAPSHOT_FILE)));
  return replace(stateDir, formatSnapshot(head, merged(before, states)), largestBytes);
}

async function replace(
  stateDir: string,
  pieces: Generator<string, string>,
  largestBytes: number,
): Promise<WrittenSnapshot> {
  let written: WrittenSnapshot = { sha256: '', bytes: 0 };
  const noted = function* (): Generator<string, void> {
    const { answer, bytes } = yield* bounded(pieces, largestBytes);
    written = { sha256: answer, bytes };
  };
  await writeDurably(stateDir, SNAPSHOT_FILE, noted());
  return written;
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
