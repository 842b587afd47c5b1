import type { Host, InterfacesListener, NetworkInterface } from './host.ts';
import { sameInventory, sortInventory } from './inventory.ts';

/** A Host whose interfaces are what somebody sets them to. */
export interface MemoryHost extends Host {
  /** Replaces the whole inventory; a listener hears of it within this call, if anything differs. */
  set(interfaces: readonly NetworkInterface[]): void;
}

/** A Host without a kernel, for tests and offline use. Any order is accepted; delivery order is the Host's. */
export function createMemoryHost(initial: readonly NetworkInterface[] = []): MemoryHost {
  let inventory = sortInventory(initial);
  let deliver: InterfacesListener | undefined;
  return {
    start: (listener) => {
      deliver = listener;
      listener(inventory);
      return Promise.resolve();
    },
    set: (interfaces) => {
      const next = sortInventory(interfaces);
      if (sameInventory(inventory, next)) return;
      inventory = next;
      deliver?.(inventory);
    },
    close: () => {
      deliver = undefined;
      return Promise.resolve();
    },
  };
}
