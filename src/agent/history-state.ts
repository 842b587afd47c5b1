import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';
import { DAMAGED_FILE } from './history-file.ts';
import type { KnownPolicy } from './history-changes.ts';
import type { CounterUse } from './rule-uses.ts';

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
  const text = await textOf(path);
  if (text === null) return NO_STATE;
  const state = parseState(text);
  if (state === null) await rename(path, join(directory, DAMAGED_FILE));
  return state;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
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
