import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { writeDurably } from './durable-file.ts';
import { readStateFile } from './state-file.ts';

const FILE = 'flushed';

/** Until when this host is open on purpose: milliseconds since the epoch, or `forever`; null: it is not. */
export type FlushedUntil = number | 'forever' | null;

// Timers of more than 24.8 days fire at once.
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Remembers, over restarts and reboots, that an operator has opened this host. The file `flushed` in the state
 * directory holds `forever` or the end in seconds since the epoch; the boot unit honours it too.
 */
export class Flushed {
  readonly #stateDir: string;
  readonly #clock: Clock;
  #until: FlushedUntil;
  #cancel: Cancel = () => undefined;
  #expired: () => void = () => undefined;

  private constructor(stateDir: string, clock: Clock, until: FlushedUntil) {
    this.#stateDir = stateDir;
    this.#clock = clock;
    this.#until = until;
  }

  /** Reads what was remembered. What cannot be read is reported, and the host is protected. */
  static open(
    stateDir: string,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ): Flushed {
    return new Flushed(stateDir, clock, readUntil(join(stateDir, FILE), logger));
  }

  /** Sets who is told when the time is over, and begins to wait for it. */
  onExpired(listener: () => void): void {
    this.#expired = listener;
    this.#wait();
  }

  get until(): FlushedUntil {
    const until = this.#until;
    return typeof until === 'number' && until <= this.#clock.now() ? null : until;
  }

  /** What operators should be reminded of. */
  faults(): readonly { readonly code: string; readonly message: string }[] {
    const { until } = this;
    if (until === null) return [];
    const end = until === 'forever' ? '' : ` or, by itself, ${new Date(until).toISOString()}`;
    const message = `an operator has opened this host: nothing filters until "rampartctl reapply"${end}`;
    return [{ code: 'flushed', message }];
  }

  /** Remembers it before anything is opened. Rejects with the system's error; then nothing has changed. */
  async set(until: number | 'forever'): Promise<void> {
    const text = until === 'forever' ? until : String(Math.ceil(until / 1000));
    await mkdir(this.#stateDir, { recursive: true, mode: 0o700 });
    await writeDurably(this.#stateDir, FILE, [`${text}\n`]);
    this.#until = until;
    this.#wait();
  }

  /** Forgets it. Rejects with the system's error; this process protects the host in any case. */
  async clear(): Promise<void> {
    this.#until = null;
    this.#cancel();
    await rm(join(this.#stateDir, FILE), { force: true });
  }

  close(): void {
    this.#cancel();
  }

  #wait(): void {
    this.#cancel();
    const until = this.#until;
    if (typeof until !== 'number') return;
    const left = Math.max(0, until - this.#clock.now());
    this.#cancel = this.#clock.after(Math.min(left, LONGEST_WAIT_MS), () => {
      if (this.until === null) this.#expired();
      else this.#wait();
    });
  }
}

function readUntil(path: string, logger: Logger): FlushedUntil {
  try {
    const text = readStateFile(path)?.trim();
    if (text === undefined) return null;
    if (text === 'forever') return 'forever';
    if (/^\d{1,12}$/.test(text)) return Number(text) * 1000;
    logger.error({ file: path }, 'not the time of a flush: the host is protected');
  } catch (thrown) {
    const error = toError(thrown).message;
    logger.error({ file: path, error }, 'cannot be read: the host is protected');
  }
  return null;
}
