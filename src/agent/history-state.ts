import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';
import { DAMAGED_FILE, LARGEST_HISTORY_BYTES } from './history-file.ts';
import type { KnownPolicy } from './history-changes.ts';
import type { CounterUse } from './rule-uses.ts';
import { readRegular, UnfitFile } from './state-file.ts';

const FILE = 'history.state';
const VERSION = 1;

/** What history compares with after a restart. */
export interface HistoryState {
  /** Null: nothing was in force yet. */
  readonly known: KnownPolicy | null;
  readonly uses: ReadonlyMap<string, CounterUse>;
}

export const NO_STATE: HistoryState = { known: null, uses: new Map() };

/**
 * Reads what was saved; null: it was not what this program writes, and has been moved aside. Rejects with the
 * system's error.
 */
export async function readHistoryState(directory: string): Promise<HistoryState | null> {
  const path = join(directory, FILE);
  const state = readState(path);
  if (state === null) await rename(path, join(directory, DAMAGED_FILE));
  return state;
}

function readState(path: string): HistoryState | null {
  try {
    const text = readRegular(path, LARGEST_HISTORY_BYTES);
    return text === null ? NO_STATE : parseState(text);
  } catch (thrown) {
    if (thrown instanceof UnfitFile) return null;
    throw thrown;
  }
}

function parseState(text: string): HistoryState | null {
  try {
    const saved: unknown = JSON.parse(text);
    return isState(saved) ? { known: saved.known, uses: new Map(saved.uses) } : null;
  } catch {
    return null;
  }
}

/** Rejects with the system's error. */
export async function saveHistoryState(
  directory: string,
  { known, uses }: HistoryState,
): Promise<void> {
  const text = JSON.stringify({ version: VERSION, known, uses: [...uses] });
  await writeDurably(directory, FILE, [text]);
}

interface SavedState {
  readonly version: 1;
  readonly known: KnownPolicy | null;
  readonly uses: readonly (readonly [string, CounterUse])[];
}

// Written by this program in one piece: its version stands for the rest.
function isState(value: unknown): value is SavedState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === VERSION &&
    'uses' in value &&
    Array.isArray(value.uses)
  );
}
