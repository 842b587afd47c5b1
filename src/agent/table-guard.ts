import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ForeignChange, Nftables } from '../nftables-json/nftables.ts';
import { RepairDamper } from './repair-damper.ts';
import type { Fight } from './repair-damper.ts';
import { verifyWatch } from './watch-verifier.ts';

/** What the guard needs, and whom it tells. */
export interface TableGuardPorts {
  readonly nftables: Pick<Nftables, 'watch' | 'verify'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each change. */
  foreignChange(change: ForeignChange): void;
  /** The table is to be written again from what the kernel holds. */
  rewrite(): void;
}

/** Hears of what others do to our table, or finds out, and says when it is to be written again. */
export class TableGuard {
  readonly #ports: TableGuardPorts;
  readonly #damper: RepairDamper;
  #isTampered = false;
  #stopWatching: () => void = () => undefined;
  #stopVerifying: Cancel = () => undefined;

  constructor(ports: TableGuardPorts) {
    this.#ports = ports;
    this.#damper = new RepairDamper(ports.clock, () => {
      this.#rewrite();
    });
  }

  /** Whether a repair is due. */
  get isTampered(): boolean {
    return this.#isTampered;
  }

  /** Another program that keeps changing our table. */
  get fight(): Fight | null {
    return this.#damper.fight;
  }

  /** Begins to listen. */
  start(): void {
    this.#stopWatching = this.#ports.nftables.watch((change) => {
      this.#hear(change);
    });
    this.#stopVerifying = verifyWatch({
      ...this.#ports,
      missed: () => {
        this.#hear({ what: 'changes of nftables went unheard', process: null });
      },
      unwatched: () => {
        this.#rewrite();
      },
    });
  }

  /** The table is not as it should be: a repair is due once it may be made. */
  doubt(): void {
    this.#isTampered = true;
  }

  /** Runs `write`, which makes the table right. What is heard of meanwhile, and failure, leave a repair due. */
  async repair<T>(write: () => Promise<T>): Promise<T> {
    const wasTampered = this.#isTampered;
    this.#isTampered = false;
    try {
      return await write();
    } catch (error) {
      this.#isTampered ||= wasTampered;
      throw error;
    }
  }

  close(): void {
    this.#stopWatching();
    this.#stopVerifying();
    this.#damper.close();
  }

  #hear(change: ForeignChange): void {
    const { what, process } = change;
    this.#ports.foreignChange(change);
    const delayMs = this.#damper.changed(change);
    if (delayMs === null) return;
    this.#ports.logger.warn(
      { what, process, ...(delayMs > 0 ? { delayMs } : {}) },
      'somebody else changed our table: writing it again',
    );
  }

  #rewrite(): void {
    this.#isTampered = true;
    this.#ports.rewrite();
  }
}
