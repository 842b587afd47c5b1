import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import type { SnapshotHead } from './snapshot-format.ts';

/** What was saved at once, after the snapshot that the journal goes on from. */
export interface JournalPart extends SnapshotHead {
  /** A value that is null: the key is gone. */
  readonly updates: readonly RawUpdate[];
  /** Where the next part begins, in bytes. */
  readonly end: number;
}

const END_OF_LINE = Buffer.from('\n');

/*
 * Parts of records and a tail. A record is a line with key, size of the value and revision, separated by tabs, and
 * then the bytes of the value and the end of a line; of a key that is gone the line alone, with no size. The tail is
 * JSON: what the head of a snapshot says, and the SHA-256 of the snapshot's own one, everything before the tail, and that.
 */

/** The checksum of a journal without parts, of the snapshot with this checksum. */
export function journalHash(snapshot: string): Hash {
  return createHash('sha256').update(snapshot);
}

/** The next part, in pieces; `hash`, of everything before it, is brought up to its end. */
export function* formatJournalPart(
  { revision, takenAt }: SnapshotHead,
  states: Iterable<RawUpdate>,
  hash: Hash,
): Generator<Buffer, void> {
  const hashed = (piece: Buffer): Buffer => {
    hash.update(piece);
    return piece;
  };
  for (const state of states) yield hashed(recordOf(state));
  const head = { takenAt: new Date(takenAt).toISOString(), revision };
  const sha256 = hashWith(head, hash);
  yield hashed(Buffer.from(`${JSON.stringify({ ...head, sha256 })}\n`));
}

function hashWith(head: Readonly<Record<'takenAt' | 'revision', unknown>>, hash: Hash): string {
  const { takenAt, revision } = head;
  return hash.copy().update(JSON.stringify({ takenAt, revision })).digest('hex');
}

// A copy: the bytes are good only until the next state is asked for.
function recordOf({ key, value, revision }: RawUpdate): Buffer {
  const line = Buffer.from(`${JSON.stringify(key)}\t${value?.length ?? ''}\t${revision}\n`);
  return value === null ? line : Buffer.concat([line, value, END_OF_LINE]);
}

/** Reads the parts that are whole, up to the first that is not: what a crash cut short was never saved. */
export function* parseJournal(bytes: Buffer, snapshot: string): Generator<JournalPart, void> {
  const hash = journalHash(snapshot);
  let [start, at, updates]: [number, number, RawUpdate[]] = [0, 0, []];
  for (;;) {
    const end = bytes.indexOf('\n', at);
    if (end < 0) return;
    const line = bytes.toString('utf8', at, end);
    if (line.startsWith('{')) {
      hash.update(bytes.subarray(start, at));
      const head = parseTail(line, hash);
      if (head === null) return;
      hash.update(bytes.subarray(at, end + 1));
      yield { ...head, updates, end: end + 1 };
      [start, at, updates] = [end + 1, end + 1, []];
      continue;
    }
    const record = parseRecord(line);
    if (record === null) return;
    const { key, size, revision } = record;
    const from = end + 1;
    updates.push({
      key,
      revision,
      value: size === null ? null : bytes.subarray(from, from + size),
    });
    at = size === null ? from : from + size + 1;
  }
}

const RECORD = /^("[^\t]*")\t(\d{0,15})\t(\d{1,15})$/;

function parseRecord(
  line: string,
): { readonly key: string; readonly size: number | null; readonly revision: number } | null {
  const [, quoted = '', size = '', revision = ''] = RECORD.exec(line) ?? [];
  const key = parseJson(quoted);
  if (typeof key !== 'string' || !key.startsWith(RESOURCE_PREFIX)) return null;
  return { key, size: size === '' ? null : Number(size), revision: Number(revision) };
}

function parseTail(line: string, hash: Hash): SnapshotHead | null {
  const tail = parseJson(line) as Partial<Record<string, unknown>> | null;
  const { takenAt, revision, sha256 } = tail ?? {};
  if (sha256 !== hashWith({ takenAt, revision }, hash)) return null;
  const at = typeof takenAt === 'string' ? Date.parse(takenAt) : NaN;
  return Number.isFinite(at) && Number.isSafeInteger(revision)
    ? { takenAt: at, revision: Number(revision) }
    : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
