import assert from 'node:assert/strict';
import type { InterfacesListener, NetworkInterface } from '../../src/host/host.ts';
import { sameInventory } from '../../src/host/inventory.ts';

type Inventory = readonly NetworkInterface[];

/** Everything a Host delivered, and a way to wait for what it has not delivered yet. */
export class Deliveries {
  readonly all: Inventory[] = [];
  #waiters: (() => void)[] = [];

  readonly listener: InterfacesListener = (interfaces) => {
    this.all.push(interfaces);
    for (const check of this.#waiters) check();
  };

  /** The interface of that name in the newest delivery. */
  find(name: string): NetworkInterface | undefined {
    return this.all.at(-1)?.find((entry) => entry.name === name);
  }

  /** Resolves once the newest delivery satisfies `condition`: now, or after a later one. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#waiters = this.#waiters.filter((other) => other !== check);
        resolve();
      };
      this.#waiters.push(check);
      if (this.all.length > 0) check();
    });
  }

  /** Fails when two deliveries in a row say the same. */
  assertEachDiffers(): void {
    for (const [i, inventory] of this.all.entries()) {
      const next = this.all[i + 1];
      assert.ok(
        next === undefined || !sameInventory(inventory, next),
        `delivery ${String(i + 1)} repeats`,
      );
    }
  }
}
