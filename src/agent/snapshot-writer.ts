import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ownBytes } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { SNAPSHOT_FILE, updateSnapshot, writeSnapshot } from './snapshot-file.ts';
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
}

// What arrives within this time is saved at once.
const SETTLE_MS = 1000;
// Saving takes at most a twentieth of the time, and happens at most every ten seconds.
const REST_FACTOR = 20;
const SHORTEST_REST_MS = 10_000;
const RETRY_MS = 30_000;

/**
 * Keeps the snapshot in the state directory up with the datastore. What changed since the last save is all that is
 * held in memory: the rest is in the file. Never in the way of a turn: saving begins after it and gives way.
 */
export class SnapshotWriter {
  readonly #inputs: SnapshotWriterInputs;
  /** Since the last save; at first everything. */
  #changed = new Map<string, RawUpdate>();
  #revision = 0;
  /** What is not in `#changed` is in the file. */
  #hasFile = false;
  /** File and `#changed` are everything. */
  #isComplete = false;
  #timer: Cancel | null = null;
  #saving: Promise<void> | null = null;
  #isClosed = false;
  #restMs = SETTLE_MS;
  #error: string | null = null;

  constructor(inputs: SnapshotWriterInputs) {
    this.#inputs = inputs;
  }

  /** The datastore has these states now. Bytes that are a small part of something else are copied. */
  note(updates: readonly RawUpdate[], revision: number): void {
    this.#revision = revision;
    for (const { key, value, revision: at } of updates) {
      const own = value === null ? null : ownBytes(value);
      this.#changed.set(key, { key, value: own, revision: at });
    }
  }

  /** What was noted so far is everything. */
  complete(): void {
    this.#isComplete = true;
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
    await this.#saving;
    await this.#save();
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
    const { clock, isGood, stateDir } = this.#inputs;
    if (this.#changed.size === 0 || !this.#isComplete || !isGood()) return;
    const states = this.#changed;
    this.#changed = new Map();
    const startedAt = clock.monotonic();
    try {
      const head = { revision: this.#revision, takenAt: clock.now() };
      await (this.#hasFile ? updateSnapshot : writeSnapshot)(stateDir, head, states);
      this.#hasFile = true;
      this.#error = null;
      const tookMs = clock.monotonic() - startedAt;
      this.#restMs = Math.max(SHORTEST_REST_MS, REST_FACTOR * tookMs);
    } catch (thrown) {
      this.#failed(states, toError(thrown));
    }
  }

  #failed(states: Map<string, RawUpdate>, error: Error): void {
    const { logger, redeliver } = this.#inputs;
    if (error.message !== this.#error) {
      logger.error({ error: error.message }, 'could not save the objects of the datastore');
    }
    this.#error = error.message;
    this.#restMs = RETRY_MS;
    this.#changed = new Map([...states, ...this.#changed]);
    if (!isLost(error) || this.#isClosed) return;
    // What the file held is gone: the next save must be of everything.
    this.#hasFile = false;
    this.#isComplete = false;
    this.#restMs = SETTLE_MS;
    redeliver();
  }
}

function isLost(error: Error): boolean {
  return error instanceof SnapshotDamage || ('code' in error && error.code === 'ENOENT');
}
