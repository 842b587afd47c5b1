import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RulesInForce } from '../status/status-snapshot.ts';
import { LAST_GOOD_FILE } from './last-good.ts';
import { readStateFile } from './state-file.ts';

/** The file in the runtime directory in which the boot unit says what it did, on two lines: one word, and why. */
export const BOOT_MARK = 'boot';

/** What the boot unit of this boot did. */
export interface BootReport {
  /** What a table that is there, though no daemon wrote it since the boot unit did, is. */
  readonly rules: RulesInForce;
  /** Reads again. Answers whether the boot unit has loaded rules since it was read the last time. */
  hasLoaded(): boolean;
  /** That this host came up with other rules than its last good ones, until the mark is removed. */
  faults(): readonly { readonly code: string; readonly message: string }[];
}

interface BootDirectories {
  readonly runDir: string;
  readonly stateDir: string;
}

const CODE_BY_KIND: ReadonlyMap<string, string> = new Map([
  ['fallback', 'boot-fallback'],
  ['open', 'boot-open'],
]);
const LOADED: ReadonlySet<string> = new Set(['last-good', 'boot', 'fallback']);

/** Reads what the boot unit left; without it, all is well. */
export function readBootReport({ runDir, stateDir }: BootDirectories): BootReport {
  const path = join(runDir, BOOT_MARK);
  let mark = readMark(path);
  return {
    get rules() {
      const isBoot = mark.kind === 'boot' || mark.kind === 'fallback';
      const isSaved = modified(join(stateDir, LAST_GOOD_FILE)) > mark.modified;
      return isBoot && !isSaved ? 'boot' : 'last-good';
    },
    hasLoaded: () => {
      const before = mark;
      mark = readMark(path);
      return mark.modified !== before.modified && LOADED.has(mark.kind);
    },
    faults: () => {
      const code = CODE_BY_KIND.get(mark.kind);
      const message = `at the last boot: ${mark.why}. Remove ${path} when this has been dealt with`;
      return code === undefined || !existsSync(path) ? [] : [{ code, message }];
    },
  };
}

interface Mark {
  readonly kind: string;
  readonly why: string;
  /** 0 without a file. */
  readonly modified: number;
}

const NO_MARK: Mark = { kind: '', why: '', modified: 0 };

function readMark(path: string): Mark {
  try {
    const [kind = '', why = ''] = (readStateFile(path) ?? '').split('\n');
    return { kind, why, modified: modified(path) };
  } catch {
    return NO_MARK;
  }
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
