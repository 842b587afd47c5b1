import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { SourcePorts } from './source-ports.ts';

/** Tells once per outage that the datastore is lost, and not at all when it is back within the grace. */
export class Outage {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #graceMs: number;
  readonly #report: (error: Error) => void;
  #error: Error | undefined;
  #cancel: Cancel = () => undefined;

  constructor({ clock, logger }: SourcePorts, graceMs: number, report: (error: Error) => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#graceMs = graceMs;
    this.#report = report;
  }

  /** Another attempt failed; the latest reason is the one that will be told. */
  failed(error: Error): void {
    const first = this.#error === undefined;
    this.#error = error;
    if (!first) return;
    this.#cancel = this.#clock.after(this.#graceMs, () => {
      this.#tell();
    });
  }

  /** In sync again, or closed. */
  over(): void {
    this.#cancel();
    this.#error = undefined;
  }

  /** Runs in a timer, where a listener that throws would end the process. */
  #tell(): void {
    if (this.#error === undefined) return;
    try {
      this.#report(this.#error);
    } catch (error) {
      this.#logger.error(
        { error: toError(error).message },
        'a listener failed on a lost datastore',
      );
    }
  }
}
