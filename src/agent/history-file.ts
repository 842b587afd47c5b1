import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../base/logger.ts';
import type { HistoryRecord } from '../report/history.ts';
import { writeDurably } from './durable-file.ts';
import { HISTORY_HEAD, historyLine, parseHistory } from './history-format.ts';
import { readRegular, UnfitFile } from './state-file.ts';

/** The present history in the state directory, and the part before it. */
export const HISTORY_FILE = 'history';
export const OLDER_FILE = 'history.1';
/** What could not be read, for people to look at. */
export const DAMAGED_FILE = 'history.damaged';

/** More than any file of the history: a larger one was not written by this program. */
export const LARGEST_HISTORY_BYTES = 64 * 1024 * 1024;

/** How much is kept: both files together hold at most this much, and nothing older. */
export interface HistoryBounds {
  readonly bytes: number;
  readonly ageMs: number;
}

export const HISTORY_BOUNDS: HistoryBounds = { bytes: 4 * 1024 * 1024, ageMs: 400 * 86_400_000 };

/** The journal on disk: appended, synced, rotated. Rejects with the system's error. */
export class HistoryFile {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #bounds: HistoryBounds;
  #size = 0;
  #firstAt = Infinity;
  #isOpen = false;

  constructor(directory: string, logger: Logger, bounds: HistoryBounds = HISTORY_BOUNDS) {
    this.#directory = directory;
    this.#logger = logger;
    this.#bounds = bounds;
  }

  /** Looks at what is there; answers whether a file was damaged and has been moved aside. */
  async open(): Promise<boolean> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const older = await this.#mend(OLDER_FILE);
    const present = await this.#mend(HISTORY_FILE);
    const [first] = this.#records(HISTORY_FILE);
    this.#firstAt = first === undefined ? Infinity : Date.parse(first.at);
    this.#size = await sizeOf(join(this.#directory, HISTORY_FILE));
    this.#isOpen = true;
    return older || present;
  }

  /** Adds records; they are on disk once this resolves. */
  async append(records: readonly HistoryRecord[], now: number): Promise<void> {
    // What a failure left is mended first.
    if (!this.#isOpen) await this.open();
    this.#isOpen = false;
    for (const record of records) {
      const line = historyLine(record);
      await this.#makeRoom(Buffer.byteLength(line), now);
      const text = this.#size === 0 ? `${HISTORY_HEAD}\n${line}` : line;
      await appendAndSync(join(this.#directory, HISTORY_FILE), text);
      this.#size += Buffer.byteLength(text);
      this.#firstAt = Math.min(this.#firstAt, Date.parse(record.at));
    }
    this.#isOpen = true;
  }

  /** Everything that is kept, oldest first. Throws the system's error. */
  read(now: number): readonly HistoryRecord[] {
    const all = [...this.#records(OLDER_FILE), ...this.#records(HISTORY_FILE)];
    return all.filter(({ at }) => Date.parse(at) >= now - this.#bounds.ageMs);
  }

  async #makeRoom(bytes: number, now: number): Promise<void> {
    const { bytes: most, ageMs } = this.#bounds;
    const isFull = this.#size + bytes + HISTORY_HEAD.length + 1 > most / 2;
    if (this.#size === 0 || (!isFull && this.#firstAt >= now - ageMs)) return;
    await rename(join(this.#directory, HISTORY_FILE), join(this.#directory, OLDER_FILE));
    this.#size = 0;
    this.#firstAt = Infinity;
  }

  #records(name: string): readonly HistoryRecord[] {
    return parseHistory(textOf(join(this.#directory, name))).records;
  }

  async #mend(name: string): Promise<boolean> {
    const path = join(this.#directory, name);
    const text = fitTextOf(path);
    if (text === null) {
      await rename(path, join(this.#directory, DAMAGED_FILE));
      return true;
    }
    const { records, isTorn, damaged } = parseHistory(text);
    if (!isTorn && damaged === 0) return false;
    if (damaged > 0) await rename(path, join(this.#directory, DAMAGED_FILE));
    else this.#logger.warn({ file: path }, 'the last line of the history is torn: it is left out');
    if (records.length === 0) await rm(path, { force: true });
    else await writeDurably(this.#directory, name, linesOf(records));
    return damaged > 0;
  }
}

function* linesOf(records: readonly HistoryRecord[]): Generator<string, void> {
  yield `${HISTORY_HEAD}\n`;
  for (const record of records) yield historyLine(record);
}

// A pipe that nobody reads from is refused instead of waited for.
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

async function appendAndSync(path: string, text: string): Promise<void> {
  const file = await open(path, APPEND, 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

function textOf(path: string): string {
  return readRegular(path, LARGEST_HISTORY_BYTES) ?? '';
}

// Null: what is there cannot be a history.
function fitTextOf(path: string): string | null {
  try {
    return textOf(path);
  } catch (thrown) {
    if (thrown instanceof UnfitFile) return null;
    throw thrown;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    if (isAbsent(thrown)) return 0;
    throw thrown;
  }
}

function isAbsent(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
