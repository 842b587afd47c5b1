import type { Logger } from '../base/logger.ts';
import type { Alarm } from '../status/status-snapshot.ts';
import type { Fault } from './fault.ts';

/**
 * The alarms that are raised, each with the time at which it began. Each is logged once when it begins, once
 * whenever what it says changes, and once when it is over.
 */
export class AlarmBoard {
  readonly #logger: Logger;
  #alarms: ReadonlyMap<string, Alarm> = new Map();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Replaces what is raised by `faults`, which are true at `now`, milliseconds since the epoch. */
  raise(faults: readonly Fault[], now: number): readonly Alarm[] {
    const raised = new Map<string, Alarm>();
    for (const fault of faults) {
      const known = this.#alarms.get(fault.code);
      if (known?.message !== fault.message) {
        this.#logger.warn({ alarm: fault.code }, fault.message);
      }
      raised.set(fault.code, { ...fault, since: known?.since ?? now });
    }
    for (const { code, since } of this.#alarms.values()) {
      if (raised.has(code)) continue;
      this.#logger.info({ alarm: code, since: new Date(since).toISOString() }, 'alarm over');
    }
    this.#alarms = raised;
    return [...raised.values()];
  }
}
