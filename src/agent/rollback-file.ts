import { closeSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import { bounded } from './bounded-pieces.ts';
import { writeDurably } from './durable-file.ts';
import type { Fault } from './fault.ts';
import { NORMAL } from './rollback-state.ts';
import type { RollbackState } from './rollback-state.ts';
import { parseState } from './rollback-state-text.ts';
import { formatRuleset, parseRuleset } from './ruleset-file.ts';
import { LARGEST_STATE_BYTES, openRegular } from './state-file.ts';

const STATE_FILE = 'rollback.json';
const TARGET_FILE = 'rollback-rules.json';
/** More than any rules to go back to. A start must not run out of memory over a file that somebody else made. */
export const LARGEST_RULES_BYTES = 2 ** 28;

/** What an earlier process left: where it stood, and the rules to go back to; null: gone, or unreadable. */
export interface SavedRollback {
  readonly state: RollbackState;
  readonly target: Ruleset | null;
}

/** Where confirming stands, kept over restarts and reboots in the state directory. */
export class RollbackFile {
  readonly #stateDir: string;
  readonly #logger: Logger;
  readonly #largestBytes: number;
  #writing: Promise<void> = Promise.resolve();
  #error: string | null = null;

  /** `largestBytes`: the most that the rules may take; by default what a start reads. */
  constructor(stateDir: string, logger: Logger, largestBytes = LARGEST_RULES_BYTES) {
    this.#stateDir = stateDir;
    this.#logger = logger;
    this.#largestBytes = largestBytes;
  }

  /** Never throws: what cannot be read, or was not written here, is said in the log. */
  read(): SavedRollback {
    const state = this.#readOne(STATE_FILE, LARGEST_STATE_BYTES, parseState);
    if (state === null || state.kind === 'normal') {
      this.#forgetTarget();
      return { state: NORMAL, target: null };
    }
    return { state, target: this.#readOne(TARGET_FILE, LARGEST_RULES_BYTES, parseRuleset) };
  }

  /** Saves it after what was saved before; a target of undefined stays as it is. Never rejects. */
  save(state: RollbackState, target?: Ruleset): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#write(state, target);
        this.#error = null;
      } catch (thrown) {
        const error = toError(thrown).message;
        this.#error = error;
        this.#logger.error(
          { error },
          'a restart will not know of the rollback: it cannot be saved',
        );
      }
    });
    return this.#writing;
  }

  /** Why a restart would not know of the present state. */
  faults(): readonly Fault[] {
    if (this.#error === null) return [];
    const message = `where this host stands with its rollback could not be saved: this daemon takes rules back all the same, but a restart would not know of them. ${this.#error}`;
    return [{ code: 'rollback-unsaved', objects: [], message }];
  }

  /** Resolves once everything is saved that was asked for. */
  saved(): Promise<void> {
    return this.#writing;
  }

  async #write(state: RollbackState, target: Ruleset | undefined): Promise<void> {
    const directory = this.#stateDir;
    if (state.kind === 'normal') {
      // The state first: without it the rules mean nothing.
      for (const name of [STATE_FILE, TARGET_FILE])
        await rm(join(directory, name), { force: true });
      return;
    }
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (target !== undefined)
      await this.#replace(TARGET_FILE, bounded(formatRuleset(target), this.#largestBytes));
    await this.#replace(STATE_FILE, [`${JSON.stringify(state)}\n`]);
  }

  async #replace(name: string, pieces: Iterable<string>): Promise<void> {
    try {
      await writeDurably(this.#stateDir, name, pieces);
    } catch (cause) {
      throw new Error(`${join(this.#stateDir, name)}: ${toError(cause).message}`, { cause });
    }
  }

  // Rules without a state are of long ago. The next state must not be read with them, should its own not fit the disk.
  #forgetTarget(): void {
    const file = join(this.#stateDir, TARGET_FILE);
    try {
      rmSync(file, { force: true });
    } catch (thrown) {
      this.#logger.error({ file, error: toError(thrown).message }, 'cannot be removed');
    }
  }

  #readOne<T>(name: string, largestBytes: number, parse: (text: string) => T): T | null {
    const file = join(this.#stateDir, name);
    try {
      return parse(readWhole(file, largestBytes));
    } catch (thrown) {
      const error = toError(thrown);
      const isAbsent = 'code' in error && error.code === 'ENOENT';
      if (!isAbsent) this.#logger.error({ file, error: error.message }, 'cannot be used');
      return null;
    }
  }
}

function readWhole(path: string, largestBytes: number): string {
  const file = openRegular(path, largestBytes);
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
