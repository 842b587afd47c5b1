import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import type { SnapshotHead } from './snapshot-format.ts';
import type { ValuePatch } from './value-patch.ts';

/** What became of a key: its state, in which a value that is null means that it is gone, or what made it of the one before. */
export type JournalRecord = RawUpdate | PatchRecord;

/** A small change of a large value. */
export interface PatchRecord extends Pick<RawUpdate, 'key' | 'revision'> {
  readonly patch: ValuePatch;
}

/** What was saved at once, after the snapshot that the journal goes on from. */
export interface JournalPart extends SnapshotHead {
  readonly records: readonly JournalRecord[];
  /** Where the next part begins, in bytes. */
  readonly end: number;
}

const END_OF_LINE = Buffer.from('\n');

/*
 * Parts of records and a tail. A record is a line with key, size of the value and revision, separated by tabs, and
 * then the bytes of the value and the end of a line; of a key that is gone the line alone, with no size. A patch has
 * the size of its bytes, "@", where they go, "+" and how many bytes go for them in the place of the size. The tail is
 * JSON: what the head of a snapshot says, and the SHA-256 of the snapshot's own one, everything before the tail, and that.
 */

/** The checksum of a journal without parts, of the snapshot with this checksum. */
export function journalHash(snapshot: string): Hash {
  return createHash('sha256').update(snapshot);
}

/** The next part, in pieces; `hash`, of everything before it, is brought up to its end. */
export function* formatJournalPart(
  { revision, takenAt }: SnapshotHead,
  records: Iterable<JournalRecord>,
  hash: Hash,
): Generator<Buffer, void> {
  const hashed = (piece: Buffer): Buffer => {
    hash.update(piece);
    return piece;
  };
  for (const record of records) yield hashed(formatRecord(record));
  const head = { takenAt: new Date(takenAt).toISOString(), revision };
  const sha256 = hashWith(head, hash);
  yield hashed(Buffer.from(`${JSON.stringify({ ...head, sha256 })}\n`));
}

function hashWith(head: Readonly<Record<'takenAt' | 'revision', unknown>>, hash: Hash): string {
  const { takenAt, revision } = head;
  return hash.copy().update(JSON.stringify({ takenAt, revision })).digest('hex');
}

// A copy: the bytes are good only until the next record is asked for.
function formatRecord(record: JournalRecord): Buffer {
  const [value, change] = 'patch' in record ? patchParts(record) : [record.value, ''];
  const size = value === null ? '' : `${value.length}${change}`;
  const line = Buffer.from(`${JSON.stringify(record.key)}\t${size}\t${record.revision}\n`);
  return value === null ? line : Buffer.concat([line, value, END_OF_LINE]);
}

function patchParts({ patch }: PatchRecord): readonly [Uint8Array, string] {
  return [patch.bytes, `@${patch.from}+${patch.gone}`];
}

/** Reads the parts that are whole, up to the first that is not: what a crash cut short was never saved. */
export function* parseJournal(bytes: Buffer, snapshot: string): Generator<JournalPart, void> {
  const hash = journalHash(snapshot);
  let [start, at, records]: [number, number, JournalRecord[]] = [0, 0, []];
  for (;;) {
    const end = bytes.indexOf('\n', at);
    if (end < 0) return;
    const line = bytes.toString('utf8', at, end);
    if (line.startsWith('{')) {
      hash.update(bytes.subarray(start, at));
      const head = parseTail(line, hash);
      if (head === null) return;
      hash.update(bytes.subarray(at, end + 1));
      yield { ...head, records, end: end + 1 };
      [start, at, records] = [end + 1, end + 1, []];
      continue;
    }
    const parsed = parseRecord(line, bytes, end + 1);
    if (parsed === null) return;
    records.push(parsed.record);
    at = parsed.end;
  }
}

const RECORD = /^("[^\t]*")\t(?:(\d{1,15})(?:@(\d{1,15})\+(\d{1,15}))?)?\t(\d{1,15})$/;

// Its bytes begin at `from`; `end`: where the next line begins.
function parseRecord(
  line: string,
  bytes: Buffer,
  from: number,
): { readonly record: JournalRecord; readonly end: number } | null {
  const [, quoted = '', size, place, gone, revisionText] = RECORD.exec(line) ?? [];
  const key = parseJson(quoted);
  if (typeof key !== 'string' || !key.startsWith(RESOURCE_PREFIX)) return null;
  const revision = Number(revisionText);
  if (size === undefined) return { record: { key, revision, value: null }, end: from };
  const value = bytes.subarray(from, from + Number(size));
  const end = from + Number(size) + 1;
  if (place === undefined) return { record: { key, revision, value }, end };
  const patch = { from: Number(place), gone: Number(gone), bytes: value };
  return { record: { key, revision, patch }, end };
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
