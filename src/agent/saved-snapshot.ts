import type { Hash } from 'node:crypto';
import { lstat, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RawUpdate } from '../base/raw-update.ts';
import { appendDurably } from './durable-file.ts';
import { LARGEST_SNAPSHOT_BYTES } from './own-file.ts';
import { SavedValues } from './saved-values.ts';
import { JOURNAL_FILE, SNAPSHOT_FILE, updateSnapshot, writeSnapshot } from './snapshot-file.ts';
import type { States, WrittenSnapshot } from './snapshot-file.ts';
import { SnapshotDamage } from './snapshot-format.ts';
import type { SnapshotHead } from './snapshot-format.ts';
import { formatJournalPart, journalHash, parseJournal } from './snapshot-journal.ts';
import type { JournalRecord } from './snapshot-journal.ts';
import type { ValuePatch } from './value-patch.ts';

/** States to be saved. */
export interface ChangedStates extends States {
  /** How many bytes they take, without those that are kept. */
  readonly bytes: number;
  /** Those whose bytes stay as they are for as long as anybody has them. */
  readonly kept: readonly RawUpdate[];
}

// A snapshot is written anew when its journal would exceed a quarter of it, or this.
const SMALL_JOURNAL_BYTES = 8 * 1024 * 1024;
// A start copies the whole value for each of its patches: so many bytes of it count as one in the journal.
const COPIED_AS_ONE = 16;

/** What a process has written of the datastore: the snapshot, and the journal of what was saved after it. */
export class SavedSnapshot {
  readonly #stateDir: string;
  readonly #largestBytes: number;
  #snapshot: (WrittenSnapshot & { readonly identity: string }) | null = null;
  #journal: Journal = { bytes: 0, copied: 0, hash: journalHash('') };
  readonly #values = new SavedValues();

  /** `largestBytes`: the most that it may take; by default what a start reads. */
  constructor(stateDir: string, largestBytes = LARGEST_SNAPSHOT_BYTES) {
    this.#stateDir = stateDir;
    this.#largestBytes = largestBytes;
  }

  /**
   * Saves these states: at first they are everything, afterwards they take the place of those of the same keys.
   * Whatever happens meanwhile, the files hold what they held or this. Rejects with SnapshotDamage or the system's
   * ENOENT when somebody has touched what was written; the rest is not known any more then.
   */
  async save(head: SnapshotHead, states: ChangedStates): Promise<void> {
    const snapshot = this.#snapshot;
    if (snapshot === null) {
      const written = await writeSnapshot(this.#stateDir, head, states, this.#largestBytes);
      await this.#written(written, states);
      return;
    }
    if ((await this.#identity()) !== snapshot.identity) {
      throw new SnapshotDamage('somebody has changed it');
    }
    const most = Math.min(
      Math.max(SMALL_JOURNAL_BYTES, snapshot.bytes / 4),
      this.#largestBytes - snapshot.bytes,
    );
    const { kept } = states;
    const patches = this.#values.patches(kept);
    let { bytes, copied } = this.#journal;
    bytes += states.bytes;
    for (const { key, value } of kept) {
      const patch = patches.get(key);
      bytes += (patch?.bytes ?? value)?.length ?? 0;
      if (patch !== undefined) copied += value?.length ?? 0;
    }
    if (bytes + copied / COPIED_AS_ONE > most) {
      await this.#rewrite(head, states, snapshot.sha256);
      return;
    }
    await this.#append(head, recordsOf(states.values(), patches), copied);
    this.#values.saved(states.keys(), kept);
  }

  async #append(
    head: SnapshotHead,
    records: Iterable<JournalRecord>,
    copied: number,
  ): Promise<void> {
    const hash = this.#journal.hash.copy();
    let { bytes } = this.#journal;
    const pieces = function* (): Generator<Buffer, void> {
      for (const piece of formatJournalPart(head, records, hash)) {
        bytes += piece.length;
        yield piece;
      }
    };
    const place = { name: JOURNAL_FILE, from: bytes };
    await appendDurably(this.#stateDir, place, pieces());
    this.#journal = { bytes, copied, hash };
  }

  async #rewrite(head: SnapshotHead, states: ChangedStates, sha256: string): Promise<void> {
    const older = await this.#journalled(sha256);
    for (const key of states.keys()) older.delete(key);
    const all: States = {
      keys: () => concatenated(older.keys(), states.keys()),
      values: () => concatenated(older.values(), states.values()),
    };
    const written = await updateSnapshot(this.#stateDir, head, all, this.#largestBytes);
    await this.#written(written, states);
  }

  // Patches go on from what the files hold, whatever fails from here on.
  async #written(snapshot: WrittenSnapshot, states: ChangedStates): Promise<void> {
    this.#snapshot = { ...snapshot, identity: await this.#identity() };
    this.#journal = { bytes: 0, copied: 0, hash: journalHash(snapshot.sha256) };
    this.#values.saved(states.keys(), states.kept);
    // It belongs to another snapshot: nobody would read it.
    await rm(join(this.#stateDir, JOURNAL_FILE), { force: true });
  }

  async #journalled(sha256: string): Promise<Map<string, RawUpdate>> {
    const last = new Map<string, JournalRecord>();
    const { bytes } = this.#journal;
    if (bytes === 0) return new Map();
    const file = await readFile(join(this.#stateDir, JOURNAL_FILE));
    let read = 0;
    for (const { records, end } of parseJournal(file.subarray(0, bytes), sha256)) {
      for (const record of records) last.set(record.key, record);
      read = end;
      await nextTurn();
    }
    if (read < bytes) throw new SnapshotDamage('somebody has changed its journal');
    return new Map(Array.from(last, ([key, record]) => [key, this.#values.stateOf(record)]));
  }

  // A file that is changed has another one.
  async #identity(): Promise<string> {
    const found = await lstat(join(this.#stateDir, SNAPSHOT_FILE), { bigint: true });
    return `${found.ino} ${found.size} ${found.ctimeNs}`;
  }
}

/** What stands in the journal. */
interface Journal {
  readonly bytes: number;
  /** How many bytes a start copies for its patches. */
  readonly copied: number;
  readonly hash: Hash;
}

function* recordsOf(
  states: Iterable<RawUpdate>,
  patches: ReadonlyMap<string, ValuePatch>,
): Generator<JournalRecord, void> {
  for (const state of states) {
    const { key, revision } = state;
    const patch = patches.get(key);
    yield patch === undefined ? state : { key, revision, patch };
  }
}

function* concatenated<T>(...all: readonly Iterable<T>[]): Generator<T, void> {
  for (const some of all) yield* some;
}
