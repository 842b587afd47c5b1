import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { LoopObserver } from './loop-ports.ts';
import type { Fight } from './repair-damper.ts';
import { TableGuard } from './table-guard.ts';
import { LEFT_AFTER_MS, TableWriter } from './table-writer.ts';
import type { TurnReport, Wanted } from './turn-report.ts';

/** What our table needs, and whom it tells. */
export interface KernelTablePorts {
  readonly nftables: Nftables;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: Pick<LoopObserver, 'foreignChange' | 'restored' | 'flushed'>;
  /** The table may not be what it was: a turn is due. */
  doubted(): void;
}

// Changes that come sooner take along what the last one has left.
const TIDY_AFTER_MS = 100;

/** Our table in the kernel, and what a turn may do to it. All that is not asked to take it away leaves rules there. */
export class KernelTable {
  readonly #ports: KernelTablePorts;
  readonly #writer: TableWriter;
  readonly #guard: TableGuard;
  #tidying: Cancel = () => undefined;

  constructor(ports: KernelTablePorts) {
    this.#ports = ports;
    this.#writer = new TableWriter(ports.nftables, ports.clock);
    this.#guard = new TableGuard({
      ...ports,
      foreignChange: (change) => {
        ports.observer.foreignChange(change);
      },
      rewrite: () => {
        this.doubt();
      },
    });
  }

  /** Another program that keeps changing it. */
  get fight(): Fight | null {
    return this.#guard.fight;
  }

  /** Whether it is to be put right although nothing new may be applied. */
  get isTampered(): boolean {
    return this.#guard.isTampered;
  }

  /** Failed writes since the last one that succeeded. */
  get failures(): number {
    return this.#writer.failures;
  }

  /** Begins to hear of what others do to it. */
  watch(): void {
    this.#guard.start();
  }

  /** Hears no more. */
  close(): void {
    this.#guard.close();
  }

  /** Leaves nothing behind but the rules, which stay; nothing is written any more. */
  async leave(): Promise<void> {
    this.#tidying();
    if (!this.#writer.isUntidy) return;
    await new Promise<void>((resolve) => {
      this.#ports.clock.after(LEFT_AFTER_MS + 1, resolve);
    });
    await this.#tidy();
    // Which asks for another time when it could not.
    this.#tidying();
  }

  /** Whether rules are in the kernel, ours or an earlier process's. */
  async isPresent(): Promise<boolean> {
    return this.#writer.isTablePresent();
  }

  /** The next write starts from what the kernel holds. */
  doubt(): void {
    this.#writer.doubt();
    this.#ports.doubted();
  }

  /** Learns what it holds, if need be: afterwards `write` asks for what is wanted at once. */
  prepare(): Promise<void> {
    return this.#writer.prepare();
  }

  /** Makes it what `want` answers, see TableWriter. */
  async write(want: () => Wanted): Promise<TurnReport> {
    const report = await this.#guard.repair(() => this.#writer.write(want));
    this.#tidyLater();
    return report;
  }

  /** Frozen, but the host must not be left to what somebody else made of its rules: makes it `inForce` again. */
  async restore(inForce: Ruleset | null): Promise<void> {
    await this.#guard.repair(async () => {
      if (inForce === null) return;
      await this.#writer.write(() => ({ ruleset: inForce }));
      this.#tidyLater();
      // Its sets are copies, of which the next difference knows nothing.
      this.#writer.doubt();
      this.#ports.observer.restored();
      this.#ports.logger.info({}, 'the rules that were in force are written again');
    });
  }

  /** Deletes it: nothing filters on this host then. */
  async takeAway(): Promise<void> {
    const isGone = await this.#writer.takeAway();
    // Once the flush is over the rules come back, even if nothing new may be applied then.
    this.#guard.doubt();
    this.#ports.observer.flushed();
    if (isGone) this.#ports.logger.warn({}, 'flushed: nothing filters on this host now');
  }

  #tidyLater(): void {
    this.#tidying();
    if (!this.#writer.isUntidy) return;
    this.#tidying = this.#ports.clock.after(TIDY_AFTER_MS, () => {
      void this.#tidy();
    });
  }

  // Not in a turn of its own: it says nothing of the rules in force. What cannot be deleted is found by the next write.
  async #tidy(): Promise<void> {
    try {
      await this.#writer.tidy();
      this.#tidyLater();
    } catch (error) {
      this.#ports.logger.warn({ err: error }, 'cannot delete what the last change has left');
    }
  }
}
