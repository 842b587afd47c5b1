import { compareBytes } from '../base/byte-order.ts';
import type { NetworkInterface } from './host.ts';
import type { RtnetlinkEvent } from './rtnetlink-message.ts';

interface Link {
  readonly name: string;
  readonly up: boolean;
  readonly running: boolean;
}

/**
 * What an event did. `uncertain`: the model may now differ from the kernel, because the kernel does not
 * announce everything that follows from the event; only a fresh listing tells.
 */
export type Effect = 'none' | 'changed' | 'uncertain';

/** The kernel's links and local routes as rtnetlink told them, one event at a time. */
export class InterfaceModel {
  readonly #links = new Map<number, Link>();
  /** Interface index → address → the keys of the routes that lead there. */
  readonly #routes = new Map<number, Map<string, Set<string>>>();

  /** Takes one event in, in the kernel's order. */
  apply(event: RtnetlinkEvent): Effect {
    switch (event.kind) {
      case 'link':
        return this.#setLink(event.index, event);
      case 'link-gone':
        this.#routes.delete(event.index);
        return this.#links.delete(event.index) ? 'changed' : 'none';
      case 'local-route':
        return this.#addRoute(event.index, event.address, event.key);
      case 'local-route-gone':
        return this.#removeRoute(event.index, event.address, event.key);
      case 'uncertain':
        return 'uncertain';
    }
  }

  /** The inventory now, ordered by name. Routes of interfaces that are not known (yet) are left out. */
  inventory(): readonly NetworkInterface[] {
    return [...this.#links]
      .map(([index, { name, running }]) => ({
        index,
        name,
        running,
        addresses: [...(this.#routes.get(index)?.keys() ?? [])].sort(compareBytes),
      }))
      .sort((a, b) => compareBytes(a.name, b.name));
  }

  #setLink(index: number, { name, up, running }: Link): Effect {
    const old = this.#links.get(index);
    this.#links.set(index, { name, up, running });
    // Taking an interface down removes routes without an event (net.ipv6.route.skip_notify_on_dev_down).
    if (old?.up === true && !up) return 'uncertain';
    return old?.name === name && old.running === running ? 'none' : 'changed';
  }

  #addRoute(index: number, address: string, key: string): Effect {
    const addresses = this.#routes.get(index) ?? new Map<string, Set<string>>();
    this.#routes.set(index, addresses);
    const keys = addresses.get(address);
    if (keys !== undefined) {
      keys.add(key);
      return 'none';
    }
    addresses.set(address, new Set([key]));
    return 'changed';
  }

  #removeRoute(index: number, address: string, key: string): Effect {
    const addresses = this.#routes.get(index);
    const keys = addresses?.get(address);
    if (addresses === undefined || keys?.delete(key) !== true || keys.size > 0) return 'none';
    addresses.delete(address);
    return 'changed';
  }
}
