import { isLarge } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { parseKey } from '../resource/identify.ts';
import { isNetworkSetKind } from '../resource/resource.ts';
import { SnapshotDamage } from './snapshot-format.ts';
import type { JournalRecord } from './snapshot-journal.ts';
import { patchBetween } from './value-patch.ts';
import type { ValuePatch } from './value-patch.ts';

/** Whether the bytes of this state may be kept as they are: those of a large network set, which its reader keeps anyway. */
export function isKept({ key, value }: RawUpdate): boolean {
  if (value === null || !isLarge(value)) return false;
  return isNetworkSetKind(parseKey(key)?.kind);
}

/** Large values as they were saved last: of their next states only what changed needs to be written. */
export class SavedValues {
  readonly #values = new Map<string, Uint8Array>();

  /** What made these states of those that were saved, by key; large changes are not among them. */
  patches(states: readonly RawUpdate[]): ReadonlyMap<string, ValuePatch> {
    const patches = new Map<string, ValuePatch>();
    for (const { key, value } of states) {
      const before = this.#values.get(key);
      const patch = before === undefined || value === null ? null : patchBetween(before, value);
      if (patch !== null) patches.set(key, patch);
    }
    return patches;
  }

  /** States of these keys were saved, and of these the values may be kept. */
  saved(keys: Iterable<string>, kept: readonly RawUpdate[]): void {
    for (const key of keys) this.#values.delete(key);
    for (const { key, value } of kept) if (value !== null) this.#values.set(key, value);
  }

  /** The state that the last record of a key stands for. Throws SnapshotDamage when that is not known. */
  stateOf(record: JournalRecord): RawUpdate {
    if (!('patch' in record)) return record;
    const { key, revision } = record;
    const value = this.#values.get(key);
    if (value === undefined)
      throw new SnapshotDamage(`its journal changes ${key}, which is not known`);
    return { key, revision, value };
  }
}
