import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { ChangeLog } from './change-log.ts';
import { ShortFile } from './durable-file.ts';
import { SavedSnapshot } from './saved-snapshot.ts';
import { isKept } from './saved-values.ts';
import { SNAPSHOT_FILE } from './snapshot-file.ts';
import { SnapshotDamage } from './snapshot-format.ts';

/** What saving depends on. */
export interface SnapshotWriterInputs {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether what was delivered so far is a complete view that may be enforced. */
  readonly isGood: () => boolean;
  /** Asks for everything once more; it arrives as updates. */
  readonly redeliver: () => void;
  /** Of the file; by default what a start reads at most. */
  readonly largestBytes?: number;
}

// What arrives within this time is saved at once.
const SETTLE_MS = 1000;
// Saving takes at most a twentieth of the time, and happens at most every ten seconds.
const REST_FACTOR = 20;
const SHORTEST_REST_MS = 10_000;
const RETRY_MS = 30_000;
// Everything once more is much to ask for.
const LONGEST_RETRY_MS = 3_600_000;

/**
 * Keeps the snapshot in the state directory up with the datastore. Of what changed since the last save little is held
 * in memory: the rest is in files. Never in the way of a turn: saving begins after it and gives way.
 */
export class SnapshotWriter {
  readonly #inputs: SnapshotWriterInputs;
  /** Since the last save; at first everything. */
  #changed: ChangeLog;
  #revision = 0;
  /** Has what is not in `#changed`. */
  #file: SavedSnapshot | null = null;
  /** File and `#changed` are everything. */
  #isComplete = false;
  /** Something is in neither; everything will be asked for. */
  #isLost = false;
  #asking: Cancel | null = null;
  #askMs = RETRY_MS;
  #timer: Cancel | null = null;
  #saving: Promise<void> | null = null;
  #isClosed = false;
  #restMs = SETTLE_MS;
  #error: string | null = null;

  constructor(inputs: SnapshotWriterInputs) {
    this.#inputs = inputs;
    this.#changed = new ChangeLog(inputs.stateDir);
  }

  /** The datastore has these states now. Bytes are copied, but for large ones that are not part of anything larger. */
  note(updates: readonly RawUpdate[], revision: number): void {
    this.#revision = revision;
    this.#take(updates, isKept);
  }

  /** What was noted so far is everything. */
  complete(): void {
    this.#isComplete = !this.#isLost;
  }

  /** What was noted so far has been looked at; if it is good, it will be saved. */
  settled(): void {
    if (this.#changed.size === 0) return;
    this.#schedule();
  }

  /** Resolves when no save is under way. */
  get saved(): Promise<void> {
    return this.#saving ?? Promise.resolve();
  }

  /** Why the present view is not on disk. */
  faults(): readonly { readonly code: string; readonly message: string }[] {
    if (this.#error === null) return [];
    const file = `${this.#inputs.stateDir}/${SNAPSHOT_FILE}`;
    const message = `the datastore's objects could not be saved: a daemon that starts while the datastore is away has older ones, or none. ${file}: ${this.#error}`;
    return [{ code: 'snapshot-unsaved', message }];
  }

  /** Saves what is not saved yet, then stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.();
    this.#asking?.();
    await this.#saving;
    await this.#save();
    this.#changed.close();
  }

  #take(updates: Iterable<RawUpdate>, mayKeep: (update: RawUpdate) => boolean): void {
    try {
      for (const update of updates)
        if (mayKeep(update)) this.#changed.keep(update);
        else this.#changed.append(update);
    } catch (thrown) {
      this.#report(toError(thrown));
      this.#lose();
      this.#askLater();
    }
  }

  #schedule(): void {
    if (this.#timer !== null || this.#saving !== null || this.#isClosed) return;
    this.#timer = this.#inputs.clock.after(this.#restMs, () => {
      this.#timer = null;
      this.#saving = this.#save().then(() => {
        this.#saving = null;
        this.settled();
      });
    });
  }

  // Never rejects.
  async #save(): Promise<void> {
    const { clock, isGood, stateDir, largestBytes } = this.#inputs;
    if (this.#changed.size === 0 || !this.#isComplete || !isGood()) return;
    const states = this.#changed;
    this.#changed = new ChangeLog(stateDir);
    const before = this.#file;
    const file = before ?? new SavedSnapshot(stateDir, largestBytes);
    // Whatever is lost from here on is in no file.
    this.#file = file;
    const startedAt = clock.monotonic();
    try {
      const head = { revision: this.#revision, takenAt: clock.now() };
      await file.save(head, states);
      if (!this.#isLost) this.#error = null;
      const tookMs = clock.monotonic() - startedAt;
      this.#restMs = Math.max(SHORTEST_REST_MS, REST_FACTOR * tookMs);
      this.#askMs = RETRY_MS;
      states.close();
    } catch (thrown) {
      if (before === null) this.#file = null;
      this.#failed(states, toError(thrown));
    }
  }

  #failed(states: ChangeLog, error: Error): void {
    this.#report(error);
    this.#restMs = RETRY_MS;
    const later = this.#changed;
    this.#changed = states;
    if (isLost(error) && !this.#isClosed) {
      // What the file held is gone: the next save must be of everything.
      this.#lose();
      this.#restMs = SETTLE_MS;
      this.#ask();
    } else {
      // What is not kept is lent until the next one is asked for.
      const kept = new Set(later.kept);
      this.#take(later.values(), (update) => kept.has(update));
    }
    later.close();
  }

  #report(error: Error): void {
    if (error.message !== this.#error) {
      const { logger } = this.#inputs;
      logger.error({ error: error.message }, 'could not save the objects of the datastore');
    }
    this.#error = error.message;
  }

  #lose(): void {
    this.#changed.close();
    this.#file = null;
    this.#isComplete = false;
    this.#isLost = true;
  }

  #ask(): void {
    this.#isLost = false;
    this.#inputs.redeliver();
  }

  #askLater(): void {
    if (this.#asking !== null || this.#isClosed) return;
    this.#asking = this.#inputs.clock.after(this.#askMs, () => {
      this.#asking = null;
      this.#ask();
    });
    this.#askMs = Math.min(2 * this.#askMs, LONGEST_RETRY_MS);
  }
}

function isLost(error: Error): boolean {
  return (
    error instanceof SnapshotDamage ||
    error instanceof ShortFile ||
    ('code' in error && error.code === 'ENOENT')
  );
}
