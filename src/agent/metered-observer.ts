import { NftablesError } from '../base/errors.ts';
import type { ForeignChange } from '../nftables-json/nftables.ts';
import type { Metrics } from '../status/metrics.ts';
import type { Kind } from '../resource/resource.ts';
import type { LoopObserver } from './loop-ports.ts';
import type { TurnReport } from './turn-report.ts';
import type { StatusKeeper } from './status-keeper.ts';

/** Who else wants to hear. */
export interface Listeners {
  /** So many objects were taken in. */
  updated(objects: number): void;
  /** A turn ended well. */
  turned(report: TurnReport): void;
  /** A turn begins. */
  turning(): void;
  /** A turn failed. */
  failed(error: Error): void;
  /** The datastore answers, or does not. */
  connected(isConnected: boolean): void;
  /** Our table is gone, as an operator asked. */
  flushed(): void;
  /** Something in the status may have changed, other than members of sets and the revision. */
  changed(): void;
}

/** Passes what the loop reports on to the status and the metrics. */
export class MeteredObserver implements LoopObserver {
  readonly #keeper: StatusKeeper;
  readonly #metrics: Metrics;
  readonly #listeners: Listeners;

  constructor(keeper: StatusKeeper, metrics: Metrics, listeners: Listeners) {
    this.#keeper = keeper;
    this.#metrics = metrics;
    this.#listeners = listeners;
  }

  updated(counts: ReadonlyMap<Kind, number>, durationMs: number): void {
    let objects = 0;
    for (const count of counts.values()) objects += count;
    this.#listeners.updated(objects);
    this.#metrics.recordUpdateTime(durationMs);
    for (const [kind, count] of counts) this.#metrics.recordUpdates(kind, count);
  }

  connected(isConnected: boolean): void {
    if (!isConnected) this.#metrics.recordResync();
    this.#keeper.connected(isConnected);
    this.#listeners.connected(isConnected);
    this.#listeners.changed();
  }

  turning(): void {
    this.#keeper.turning();
    this.#listeners.turning();
  }

  turned(report: TurnReport): void {
    const { written } = report;
    if (written !== null) this.#metrics.recordApply(written.durationMs, written.operations);
    const isNews = this.#keeper.isNews(report);
    this.#keeper.turned(report);
    this.#listeners.turned(report);
    if (isNews) this.#listeners.changed();
  }

  failed(error: Error): void {
    this.#metrics.recordApplyError(error instanceof NftablesError ? error.kind : 'unknown');
    this.#keeper.failed(error);
    this.#listeners.failed(error);
    this.#listeners.changed();
  }

  flushed(): void {
    this.#keeper.flushed();
    this.#listeners.flushed();
    this.#listeners.changed();
  }

  restored(): void {
    this.#keeper.restored();
    this.#listeners.changed();
  }

  foreignChange(change: ForeignChange): void {
    this.#metrics.recordForeignChange();
    this.#keeper.foreignChange(change);
  }
}
