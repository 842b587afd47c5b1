import { contentHash } from '../base/hash.ts';
import type { HistoryRecord } from '../report/history.ts';

/** First line of a history file; another number is another format. */
export const HISTORY_HEAD = 'rampart-history 1';

/** What a history file holds, and what is wrong with it. */
export interface ReadHistory {
  readonly records: readonly HistoryRecord[];
  /** The last line is a part of one: power was lost while it was written. */
  readonly isTorn: boolean;
  /** Lines that are not what was written. */
  readonly damaged: number;
}

/** A record as a line: a checksum, a space, JSON, a line feed. */
export function historyLine(record: HistoryRecord): string {
  const json = JSON.stringify(record);
  return `${contentHash(json)} ${json}\n`;
}

/** Reads a file's text; an empty one is an empty history. */
export function parseHistory(text: string): ReadHistory {
  if (text === '') return { records: [], isTorn: false, damaged: 0 };
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  if (lines.length === 0 && HISTORY_HEAD.startsWith(last))
    return { records: [], isTorn: true, damaged: 0 };
  const [head, ...rest] = lines;
  const found = rest.map(parseLine);
  const records = found.filter((one) => one !== null);
  // A file system may have made room for a line that never reached the disk.
  const isTorn = last !== '' || (found.length > 0 && found.at(-1) === null);
  const bad = found.length - records.length - (last === '' && isTorn ? 1 : 0);
  return { records, isTorn, damaged: bad + (head === HISTORY_HEAD ? 0 : 1) };
}

function parseLine(line: string): HistoryRecord | null {
  const space = line.indexOf(' ');
  const json = line.slice(space + 1);
  if (space < 0 || contentHash(json) !== line.slice(0, space)) return null;
  try {
    // The checksum says that it is what this program wrote.
    return JSON.parse(json) as HistoryRecord;
  } catch {
    return null;
  }
}
