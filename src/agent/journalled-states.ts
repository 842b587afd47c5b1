import type { RawUpdate } from '../base/raw-update.ts';
import type { JournalRecord } from './snapshot-journal.ts';
import { patched } from './value-patch.ts';

/** The states of keys after the parts of a journal that were taken so far. */
export class JournalledStates {
  readonly #before: readonly RawUpdate[];
  #byKey: ReadonlyMap<string, RawUpdate> | null = null;
  readonly #states = new Map<string, RawUpdate>();

  /** Goes on from a snapshot. */
  constructor(before: readonly RawUpdate[]) {
    this.#before = before;
  }

  /** Takes the records of one part. False: one of them is a patch of something else, and nothing was taken. */
  take(records: readonly JournalRecord[]): boolean {
    const states = new Map<string, RawUpdate>();
    for (const record of records) {
      const state = 'patch' in record ? this.#patched(record, states) : record;
      if (state === null) return false;
      states.set(record.key, state);
    }
    for (const [key, state] of states) this.#states.set(key, state);
    return true;
  }

  has(key: string): boolean {
    return this.#states.has(key);
  }

  /** The last state of each key that had one. */
  values(): Iterable<RawUpdate> {
    return this.#states.values();
  }

  #patched(
    { key, revision, patch }: Extract<JournalRecord, { readonly patch: unknown }>,
    states: ReadonlyMap<string, RawUpdate>,
  ): RawUpdate | null {
    const { value = null } = states.get(key) ?? this.#states.get(key) ?? this.#saved(key) ?? {};
    const next = value === null ? null : patched(value, patch);
    return next === null ? null : { key, revision, value: next };
  }

  #saved(key: string): RawUpdate | undefined {
    this.#byKey ??= new Map(this.#before.map((update) => [update.key, update]));
    return this.#byKey.get(key);
  }
}
