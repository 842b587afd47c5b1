import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ProcessMemory } from './process-memory.ts';

/** What the keeper works with. */
export interface MemoryKeeperPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: ProcessMemory;
}

const WINDOW_MS = 8_000;
// Within one window. A large cluster is never without changes.
const FEW = 200;
// Updates after which some megabytes are garbage and holes: it takes more of them for that to matter beside a large cluster,
// where a round is also longer in the way.
const MANY = { least: 1_000, most: 20_000, ofView: 0.2 };
const COLLECTED_MS = 2_000;
// A limit that was right for a small heap is not for a large one.
const LIMITED_MS = 60_000;
// Each moves some megabytes of what is in use to other pages.
const ROUNDS = 3;

/**
 * Gives memory back after the first view of the datastore, and again after many updates, once things are calm: V8 collects
 * garbage when it needs room, which an idle process never does.
 */
export class MemoryKeeper {
  readonly #ports: MemoryKeeperPorts;
  /** Updates after which memory is given back: any that make up the first view, and then many. */
  #enough = 1;
  /** Since memory was given back. */
  #taken = 0;
  #takenBefore = 0;
  #timer: Cancel | null = null;
  #limitedAt = Infinity;

  constructor(ports: MemoryKeeperPorts) {
    this.#ports = ports;
  }

  /** So many objects were taken in. */
  updated(objects: number): void {
    this.#taken += objects;
    if (this.#ports.clock.monotonic() - this.#limitedAt >= LIMITED_MS) this.#limit();
    if (this.#timer === null && this.#taken >= this.#enough) this.#wait();
  }

  /** Stops. */
  close(): void {
    this.#timer?.();
  }

  #wait(): void {
    this.#takenBefore = this.#taken;
    this.#timer = this.#ports.clock.after(WINDOW_MS, () => {
      if (this.#taken - this.#takenBefore > FEW) this.#wait();
      else this.#begin();
    });
  }

  #begin(): void {
    // A datastore may have been all but empty at first: what came at once since then counts as the view.
    this.#enough = Math.max(this.#enough, manyBeside(this.#taken));
    this.#ports.logger.debug({ updates: this.#taken }, 'giving memory back');
    this.#taken = 0;
    this.#giveBack(ROUNDS);
  }

  #giveBack(rounds: number): void {
    const { clock, memory } = this.#ports;
    this.#limit();
    memory.collect();
    this.#timer = clock.after(COLLECTED_MS, () => {
      this.#timer = null;
      memory.release();
      if (rounds > 1) this.#giveBack(rounds - 1);
      else void memory.unmap();
    });
  }

  #limit(): void {
    const { clock, memory } = this.#ports;
    memory.limitGarbage();
    this.#limitedAt = clock.monotonic();
  }
}

function manyBeside(objects: number): number {
  return Math.min(MANY.most, Math.max(MANY.least, MANY.ofView * objects));
}
