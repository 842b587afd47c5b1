import type { Packet } from '../explain/explain.ts';
import type { Refusal } from './refused-flow.ts';

/** One flow that policy refuses, or refused. */
export interface RefusedFlow extends Refusal {
  readonly packet: Packet;
  /** Cut, but packets of the other side may begin it anew. */
  readonly mayResume: boolean;
}

/** What a look at the live flows found, and what was done. */
export interface CutReport {
  /** Flows that were judged. */
  readonly lookedAt: number;
  /** Flows that were not: their interfaces are not known, or another flow announced them. */
  readonly notLookedAt: number;
  /** Flows that policy refuses, and that the request asks for. */
  readonly refused: number;
  readonly cut: number;
  /** Flows that policy refuses and that are still there, because the kernel would not delete them. */
  readonly failed: number;
  /** By what refuses them, most flows first; the first hundred. */
  readonly byRule: readonly { readonly because: string; readonly flows: number }[];
  /** The first thousand. */
  readonly flows: readonly RefusedFlow[];
}

const MOST_RULES = 100;
const MOST_FLOWS = 1000;

/** Counts while a look goes on. */
export class CutTally {
  lookedAt = 0;
  notLookedAt = 0;
  cut = 0;
  failed = 0;
  #refused = 0;
  readonly #byRule = new Map<string, number>();
  readonly #flows: RefusedFlow[] = [];

  /** A flow that was refused, whatever became of it. */
  add(flow: RefusedFlow): void {
    this.#refused += 1;
    this.#byRule.set(flow.because, (this.#byRule.get(flow.because) ?? 0) + 1);
    if (this.#flows.length < MOST_FLOWS) this.#flows.push(flow);
  }

  report(): CutReport {
    const byRule = Array.from(this.#byRule, ([because, flows]) => ({ because, flows }));
    const { lookedAt, notLookedAt, cut, failed } = this;
    return {
      ...{ lookedAt, notLookedAt, cut, failed },
      refused: this.#refused,
      byRule: byRule.sort((a, b) => b.flows - a.flows).slice(0, MOST_RULES),
      flows: this.#flows,
    };
  }
}
