import type { Hash } from 'node:crypto';
import { lstat, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RawUpdate } from '../base/raw-update.ts';
import { appendDurably } from './durable-file.ts';
import { LARGEST_SNAPSHOT_BYTES } from './own-file.ts';
import { JOURNAL_FILE, SNAPSHOT_FILE, updateSnapshot, writeSnapshot } from './snapshot-file.ts';
import type { States, WrittenSnapshot } from './snapshot-file.ts';
import { SnapshotDamage } from './snapshot-format.ts';
import type { SnapshotHead } from './snapshot-format.ts';
import { formatJournalPart, journalHash, parseJournal } from './snapshot-journal.ts';

/** States to be saved, and how many bytes they take. */
export interface ChangedStates extends States {
  readonly bytes: number;
}

// A snapshot is written anew when its journal would exceed a quarter of it, or this.
const SMALL_JOURNAL_BYTES = 8 * 1024 * 1024;

/** What a process has written of the datastore: the snapshot, and the journal of what was saved after it. */
export class SavedSnapshot {
  readonly #stateDir: string;
  readonly #largestBytes: number;
  #snapshot: (WrittenSnapshot & { readonly identity: string }) | null = null;
  #journal: { readonly bytes: number; readonly hash: Hash } = { bytes: 0, hash: journalHash('') };

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
      await this.#written(await writeSnapshot(this.#stateDir, head, states, this.#largestBytes));
      return;
    }
    if ((await this.#identity()) !== snapshot.identity) {
      throw new SnapshotDamage('somebody has changed it');
    }
    const most = Math.min(
      Math.max(SMALL_JOURNAL_BYTES, snapshot.bytes / 4),
      this.#largestBytes - snapshot.bytes,
    );
    if (this.#journal.bytes + states.bytes <= most) await this.#append(head, states);
    else await this.#rewrite(head, states, snapshot.sha256);
  }

  async #append(head: SnapshotHead, states: States): Promise<void> {
    const hash = this.#journal.hash.copy();
    let { bytes } = this.#journal;
    const pieces = function* (): Generator<Buffer, void> {
      for (const piece of formatJournalPart(head, states.values(), hash)) {
        bytes += piece.length;
        yield piece;
      }
    };
    const place = { name: JOURNAL_FILE, from: bytes };
    await appendDurably(this.#stateDir, place, pieces());
    this.#journal = { bytes, hash };
  }

  async #rewrite(head: SnapshotHead, states: States, sha256: string): Promise<void> {
    const older = await this.#journalled(sha256);
    for (const key of states.keys()) older.delete(key);
    const all: States = {
      keys: () => concatenated(older.keys(), states.keys()),
      values: () => concatenated(older.values(), states.values()),
    };
    const written = await updateSnapshot(this.#stateDir, head, all, this.#largestBytes);
    await this.#written(written);
  }

  async #written(snapshot: WrittenSnapshot): Promise<void> {
    this.#snapshot = { ...snapshot, identity: await this.#identity() };
    this.#journal = { bytes: 0, hash: journalHash(snapshot.sha256) };
    // It belongs to another snapshot: nobody would read it.
    await rm(join(this.#stateDir, JOURNAL_FILE), { force: true });
  }

  async #journalled(sha256: string): Promise<Map<string, RawUpdate>> {
    const states = new Map<string, RawUpdate>();
    const { bytes } = this.#journal;
    if (bytes === 0) return states;
    const file = await readFile(join(this.#stateDir, JOURNAL_FILE));
    let read = 0;
    for (const { updates, end } of parseJournal(file.subarray(0, bytes), sha256)) {
      for (const update of updates) states.set(update.key, update);
      read = end;
      await nextTurn();
    }
    if (read < bytes) throw new SnapshotDamage('somebody has changed its journal');
    return states;
  }

  // A file that is changed has another one.
  async #identity(): Promise<string> {
    const found = await lstat(join(this.#stateDir, SNAPSHOT_FILE), { bigint: true });
    return `${found.ino} ${found.size} ${found.ctimeNs}`;
  }
}

function* concatenated<T>(...all: readonly Iterable<T>[]): Generator<T, void> {
  for (const some of all) yield* some;
}
