import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { DeniedFlow } from './denied-flow.ts';

/** A flow with its number, which grows by one with each. */
export interface NumberedFlow extends DeniedFlow {
  readonly number: number;
}

/** How many of the latest flows are kept. */
export const KEPT_FLOWS = 1000;
/** Kinds of flows that a minute tells apart in the log; what comes on top is only counted. */
const MOST_KINDS = 200;
/** Series of the metric. */
const MOST_POLICIES = 2000;
const MINUTE_MS = 60_000;

/** How often a policy, or an end without one, denied. */
export interface DeniedCount {
  readonly labels: {
    readonly tier: string;
    readonly policy: string;
    readonly reason: DeniedFlow['reason'];
  };
  flows: number;
}

interface Kind {
  readonly flow: DeniedFlow;
  /** Not yet told. */
  more: number;
}

/**
 * Keeps the latest flows, counts them by policy, and writes them to the log: the first of its kind at once, how many
 * followed once a minute. Takes bounded memory whatever comes.
 */
export class DeniedFlowBook {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #flows: NumberedFlow[] = [];
  readonly #counts = new Map<string, DeniedCount>();
  readonly #kinds = new Map<string, Kind>();
  #others = 0;
  #minute: Cancel | null = null;
  #number = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get counts(): readonly DeniedCount[] {
    return [...this.#counts.values()];
  }

  /** The number of the latest flow; 0 before the first. */
  get last(): number {
    return this.#number;
  }

  /** At most `limit` flows with numbers above `after`, the latest ones, oldest first. */
  flows(after: number, limit: number): readonly NumberedFlow[] {
    const { length } = this.#flows;
    const newer = Math.min(length, Math.max(0, this.#number - after), limit);
    return this.#flows.slice(length - newer);
  }

  add(flow: DeniedFlow): void {
    this.#number += 1;
    this.#flows.push({ number: this.#number, ...flow });
    // Whole pieces are dropped, so that one flow does not move a thousand.
    if (this.#flows.length >= 2 * KEPT_FLOWS) this.#flows.splice(0, KEPT_FLOWS);
    this.#count(flow);
    this.#log(flow);
  }

  close(): void {
    this.#minute?.();
    this.#tellMinute();
  }

  #count({ tier, policy, reason }: DeniedFlow): void {
    const key = `${tier} ${policy} ${reason}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.flows += 1;
    else if (this.#counts.size < MOST_POLICIES)
      this.#counts.set(key, { labels: { tier, policy, reason }, flows: 1 });
  }

  #log(flow: DeniedFlow): void {
    const key = kindOf(flow);
    const known = this.#kinds.get(key);
    if (known !== undefined) known.more += 1;
    else if (this.#kinds.size >= MOST_KINDS) this.#others += 1;
    else {
      this.#kinds.set(key, { flow, more: 0 });
      this.#logger.info({ flow: loggable(flow) }, 'denied');
    }
    this.#minute ??= this.#clock.after(MINUTE_MS, () => {
      this.#minute = null;
      this.#tellMinute();
    });
  }

  #tellMinute(): void {
    for (const { flow, more } of this.#kinds.values())
      if (more > 0)
        this.#logger.info({ flow: loggable(flow), more }, 'denied, and more of the kind');
    if (this.#others > 0) this.#logger.info({ more: this.#others }, 'denied, of many other kinds');
    this.#kinds.clear();
    this.#others = 0;
  }
}

// Without the source's port, which every attempt changes.
function kindOf(flow: DeniedFlow): string {
  const { direction, policy, rule, reason, tier, source, destination, protocol } = flow;
  const who = [direction, reason, tier, policy, rule, flow.endpoint, flow.stage];
  return JSON.stringify([...who, source, destination, protocol, flow.destinationPort]);
}

function loggable({ time, ...flow }: DeniedFlow): object {
  return { at: new Date(time).toISOString(), ...flow };
}
