import type { Cancel, Clock } from '../base/clock.ts';
import { HostError, toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { ConnectionCutter } from './connection-cutter.ts';
import type { CutReport } from './cut-tally.ts';

/** What it needs. */
export interface CutOnDenyInputs {
  readonly cutter: Pick<ConnectionCutter, 'cut'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

// Connection tracking is gone through for at most a tenth of the time, and once a second.
const REST_FACTOR = 10;
const SHORTEST_REST_MS = 1000;
const RETRY_MS = 30_000;
const LOGGED_RULES = 10;

/** Cuts what new rules refuse, after they are in force and never in their way. `connections.cutOnDeny` turns it on. */
export class CutOnDeny {
  readonly #inputs: CutOnDenyInputs;
  #isOn = false;
  #isWanted = false;
  #timer: Cancel | null = null;
  #running: Promise<void> | null = null;
  #isClosed = false;
  #error: string | null = null;

  constructor(inputs: CutOnDenyInputs, connections: { readonly cutOnDeny: boolean }) {
    this.#inputs = inputs;
    this.#isOn = connections.cutOnDeny;
  }

  /** What the configuration says; turned on, it first cuts what the rules in force refuse already. */
  use({ cutOnDeny }: { readonly cutOnDeny: boolean }): void {
    const begins = cutOnDeny && !this.#isOn;
    this.#isOn = cutOnDeny;
    if (begins) this.written();
    if (!cutOnDeny) this.#error = null;
  }

  /** Rules were written. */
  written(): void {
    if (!this.#isOn) return;
    this.#isWanted = true;
    this.#schedule(0);
  }

  /** Why what new rules refuse goes on. */
  faults(): readonly { readonly code: string; readonly message: string }[] {
    if (this.#error === null) return [];
    const message = `connections that the rules in force refuse are not cut, though connections.cutOnDeny says so: ${this.#error}`;
    return [{ code: 'connections-uncut', message }];
  }

  /** Stops; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.();
    await this.#running;
  }

  #schedule(delayMs: number): void {
    if (!this.#isWanted || this.#timer !== null || this.#running !== null || this.#isClosed) return;
    this.#timer = this.#inputs.clock.after(delayMs, () => {
      this.#timer = null;
      this.#running = this.#run();
    });
  }

  // Never rejects.
  async #run(): Promise<void> {
    const { cutter, clock } = this.#inputs;
    this.#isWanted = false;
    const startedAt = clock.monotonic();
    let restMs = SHORTEST_REST_MS;
    try {
      if (this.#isOn) this.#log(await cutter.cut(() => !this.#isClosed));
      this.#error = null;
      restMs = Math.max(restMs, REST_FACTOR * (clock.monotonic() - startedAt));
    } catch (thrown) {
      // While nothing is in force there is nothing to cut; what is written next begins it again.
      if (thrown instanceof HostError) {
        this.#fail(thrown.message);
        restMs = RETRY_MS;
      } else this.#inputs.logger.debug({ error: toError(thrown).message }, 'nothing was cut');
    }
    this.#rest(restMs);
  }

  // What is written while it rests waits for the end of the rest.
  #rest(restMs: number): void {
    if (this.#isClosed) return;
    this.#timer = this.#inputs.clock.after(restMs, () => {
      this.#timer = null;
      this.#running = null;
      this.#schedule(0);
    });
  }

  #fail(error: string): void {
    if (error !== this.#error)
      this.#inputs.logger.error({ error }, 'could not cut what the rules in force refuse');
    this.#error = error;
    this.#isWanted = true;
  }

  #log({ cut, failed, byRule }: CutReport): void {
    if (cut === 0 && failed === 0) return;
    const rules = byRule.slice(0, LOGGED_RULES).map((one) => `${one.because}: ${one.flows}`);
    const more = byRule.length - rules.length;
    const shown = more === 0 ? rules : [...rules, `+${more} more`];
    this.#inputs.logger.info({ cut, failed, rules: shown }, 'cut what the rules in force refuse');
  }
}
