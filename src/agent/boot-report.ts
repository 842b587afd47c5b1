import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RulesInForce } from '../status/status-snapshot.ts';
import { LAST_GOOD_FILE } from './last-good.ts';
import { readStateFile } from './state-file.ts';

/** The file in the runtime directory in which the boot unit says what it did, on two lines: one word, and why. */
export const BOOT_MARK = 'boot';

/** What the boot unit of this boot did. */
export interface BootReport {
  /** What a table that is there when the daemon starts is. */
  readonly rules: RulesInForce;
  /** That this host came up with other rules than its last good ones, until the mark is removed. */
  faults(): readonly { readonly code: string; readonly message: string }[];
}

const CODE_BY_KIND: ReadonlyMap<string, string> = new Map([
  ['fallback', 'boot-fallback'],
  ['open', 'boot-open'],
]);

/** Reads what the boot unit left; without it, all is well. */
export function readBootReport(directories: {
  readonly runDir: string;
  readonly stateDir: string;
}): BootReport {
  const path = join(directories.runDir, BOOT_MARK);
  const [kind = '', why = ''] = readMark(path).split('\n');
  const isBoot = kind === 'boot' || kind === 'fallback';
  const isSaved = modified(join(directories.stateDir, LAST_GOOD_FILE)) > modified(path);
  const code = CODE_BY_KIND.get(kind);
  const message = `at the last boot: ${why}. Remove ${path} when this has been dealt with`;
  return {
    rules: isBoot && !isSaved ? 'boot' : 'last-good',
    faults: () => (code === undefined || !existsSync(path) ? [] : [{ code, message }]),
  };
}

function readMark(path: string): string {
  try {
    return readStateFile(path) ?? '';
  } catch {
    return '';
  }
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
