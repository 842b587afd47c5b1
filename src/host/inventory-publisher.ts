import type { Cancel, Clock } from '../base/clock.ts';
import { damp, DAMPING_MS } from './damping.ts';
import type { Damped } from './damping.ts';
import type { InterfacesListener, NetworkInterface } from './host.ts';
import { sameInventory } from './inventory.ts';

/** Delivers an inventory when it differs from the last one delivered, with losses damped. */
export class InventoryPublisher {
  readonly #clock: Clock;
  readonly #listener: InterfacesListener;
  #shown: Damped | undefined;
  #cancelExpiry: Cancel = () => undefined;

  constructor(clock: Clock, listener: InterfacesListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Takes the inventory as it is now, in delivery order. The first one is always delivered, within this call. */
  publish(current: readonly NetworkInterface[]): void {
    this.#cancelExpiry();
    const before = this.#shown;
    const now = this.#clock.monotonic();
    const after =
      before === undefined
        ? { inventory: current, missing: new Map<string, number>() }
        : damp(before, current, now);
    this.#shown = after;
    if (after.missing.size > 0) {
      const oldest = Math.min(...after.missing.values());
      this.#cancelExpiry = this.#clock.after(Math.max(0, oldest + DAMPING_MS - now), () => {
        this.publish(current);
      });
    }
    if (before === undefined || !sameInventory(before.inventory, after.inventory))
      this.#listener(after.inventory);
  }

  /** Delivers nothing more. */
  close(): void {
    this.#cancelExpiry();
  }
}
