import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { CallGuard } from './library-runner.ts';

const FILE = 'libnftables-calls';
const IN_CALL = Buffer.from('C');
const IDLE = Buffer.from('-');

/** What the last user of the library left behind. */
export type LastUse =
  | { readonly kind: 'fine' }
  /** The process ended inside a call, in this boot. */
  | { readonly kind: 'crashed'; readonly path: string };

/**
 * How the last process that called the library in-process ended. A crash counts until the next boot, or until
 * the file is removed; an end outside a call (SIGKILL, power loss, our own bug) is not the library's.
 */
export function lastUse(stateDir: string): LastUse {
  const path = join(stateDir, FILE);
  const [state, boot] = readMarker(path).split('\n');
  return state === 'C' && boot === bootId() ? { kind: 'crashed', path } : { kind: 'fine' };
}

/**
 * Keeps a file whose first byte says whether a call is under way: writing one byte to an open file costs some
 * microseconds and survives any death of the process. Without a writable directory it does nothing.
 */
export class CrashMarker implements CallGuard {
  readonly #path: string;
  readonly #logger: Logger;
  #fd: number | null = null;

  constructor(stateDir: string, logger: Logger) {
    this.#path = join(stateDir, FILE);
    this.#logger = logger;
    this.#attempt(() => {
      this.#fd = openSync(this.#path, 'w', 0o600);
      const text = Buffer.from(`-\n${bootId()}\n`);
      ftruncateSync(this.#fd, text.length);
      writeSync(this.#fd, text, 0, text.length, 0);
    });
  }

  enter(): void {
    this.#write(IN_CALL);
  }

  leave(): void {
    this.#write(IDLE);
  }

  /** After a clean end there is nothing to tell. */
  remove(): void {
    if (this.#fd === null) return;
    const fd = this.#fd;
    this.#fd = null;
    this.#attempt(() => {
      closeSync(fd);
      rmSync(this.#path, { force: true });
    });
  }

  #write(state: Buffer): void {
    const fd = this.#fd;
    if (fd === null) return;
    this.#attempt(() => {
      writeSync(fd, state, 0, 1, 0);
    });
  }

  // A full or failing disk must not stop the firewall: from then on crashes go unseen.
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fd = null;
      this.#logger.warn(
        { path: this.#path, reason: toError(error).message },
        'cannot keep the crash marker of libnftables',
      );
    }
  }
}

function readMarker(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function bootId(): string {
  return readMarker('/proc/sys/kernel/random/boot_id').trim();
}
