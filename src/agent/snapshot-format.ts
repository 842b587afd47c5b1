import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { toError } from '../base/errors.ts';
import { bufferOf, RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';

/** What a file says about itself. */
export interface SnapshotHead {
  /** The datastore's, up to which the file has everything. */
  readonly revision: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly takenAt: number;
}

/** What the datastore held at one revision, as a file keeps it. */
export interface SavedView extends SnapshotHead {
  readonly updates: readonly RawUpdate[];
}

/** A view as its file has it, and the checksum of that file. */
export interface CheckedView extends SavedView {
  readonly sha256: string;
}

const FORMAT = 'rampart-snapshot';
const VERSION = 1;

/*
 * Lines of text: a head in JSON, a record for each key, a tail in JSON with the number of records and the SHA-256
 * of everything before it. A record is key, revision and value, separated by tabs, which JSON strings never hold:
 * the key as a JSON string, the value as one too or, where it is not UTF-8, as base64 after a colon.
 */

/** One line of the file, without its end. */
export function formatRecord(key: string, value: Uint8Array, revision: number): string {
  const bytes = bufferOf(value);
  const text = isUtf8(bytes)
    ? JSON.stringify(bytes.toString('utf8'))
    : `:${bytes.toString('base64')}`;
  return `${recordKey(key)}\t${revision}\t${text}`;
}

/** How the record of a key begins, up to the first tab. */
export function recordKey(key: string): string {
  return JSON.stringify(key);
}

/** The whole file around its records, in pieces; what `records` throws passes through. Returns its checksum. */
export function* formatSnapshot(
  { revision, takenAt }: SnapshotHead,
  records: Iterable<string>,
): Generator<string, string> {
  const hash = createHash('sha256');
  const hashed = (line: string): string => {
    const text = `${line}\n`;
    hash.update(text);
    return text;
  };
  const at = new Date(takenAt).toISOString();
  yield hashed(JSON.stringify({ format: FORMAT, version: VERSION, takenAt: at, revision }));
  let number = 0;
  for (const record of records) {
    number++;
    yield hashed(record);
  }
  const sha256 = hash.digest('hex');
  yield formatTail(number, sha256);
  return sha256;
}

/** Reads a file back from its lines; the error says in words what is wrong with it. */
export function parseSnapshot(lines: Iterable<string>): Result<CheckedView, string> {
  try {
    const file = checkedLines(lines);
    const head = file.next();
    if (head.done === true || typeof head.value === 'string') throw new SnapshotDamage(TOO_SHORT);
    const updates: RawUpdate[] = [];
    for (;;) {
      const next = file.next();
      if (next.done === true) return ok({ ...head.value, updates, sha256: next.value });
      if (typeof next.value === 'string') updates.push(parseRecord(next.value));
    }
  } catch (thrown) {
    return err(toError(thrown).message);
  }
}

/** A file that is not as it was written. */
export class SnapshotDamage extends Error {}

const TOO_SHORT = 'it ends too early';

/**
 * The head, then each record's line; throws SnapshotDamage, at the latest after the last one, if the file is not whole.
 * Returns its checksum.
 */
export function* checkedLines(lines: Iterable<string>): Generator<SnapshotHead | string, string> {
  const hash = createHash('sha256');
  let number = -1;
  let held: string | null = null;
  for (const line of lines) {
    if (held !== null) {
      hash.update(`${held}\n`);
      yield number++ < 0 ? parseHead(held) : held;
    }
    held = line;
  }
  if (held === null || number < 0) throw new SnapshotDamage(TOO_SHORT);
  const sha256 = hash.digest('hex');
  if (`${held}\n` !== formatTail(number, sha256)) {
    throw new SnapshotDamage('it was cut short, or its contents do not have its checksum');
  }
  return sha256;
}

function formatTail(records: number, sha256: string): string {
  return `${JSON.stringify({ records, sha256 })}\n`;
}

function parseHead(line: string): SnapshotHead {
  const head = parseJson(line);
  if (typeof head !== 'object' || head === null || !('format' in head) || head.format !== FORMAT) {
    throw new SnapshotDamage('it is no snapshot of the datastore');
  }
  const { version, takenAt, revision } = head as Partial<Record<string, unknown>>;
  if (version !== VERSION) {
    throw new SnapshotDamage(`its version is ${String(version)}, not ${VERSION}`);
  }
  const at = typeof takenAt === 'string' ? Date.parse(takenAt) : NaN;
  if (!Number.isFinite(at) || !Number.isSafeInteger(revision)) {
    throw new SnapshotDamage('its head is damaged');
  }
  return { revision: Number(revision), takenAt: at };
}

function parseRecord(line: string): RawUpdate {
  const [keyText = '', revisionText = '', valueText = '', ...rest] = line.split('\t');
  const key = parseJson(keyText);
  const revision = Number(revisionText);
  const value = parseValue(valueText);
  const isKey = typeof key === 'string' && key.startsWith(RESOURCE_PREFIX);
  if (!isKey || !Number.isSafeInteger(revision) || value === null || rest.length > 0) {
    throw new SnapshotDamage(`it has a record that is none: ${line.slice(0, 80)}`);
  }
  return { key, value, revision };
}

function parseValue(text: string): Uint8Array | null {
  if (text.startsWith(':')) return Buffer.from(text.slice(1), 'base64');
  const value = parseJson(text);
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    return toError(thrown);
  }
}
