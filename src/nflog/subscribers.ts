import type { LoggedPacket, PacketListener, PacketSubscription } from './packet-log.ts';

/** The listeners of one group. */
export interface Subscribers {
  add(listener: PacketListener): PacketSubscription;
  deliver(packet: LoggedPacket): void;
  lost(packets: number): void;
  /** Ends all subscriptions, without a word. */
  clear(): void;
}

/** Hands packets to the listeners whose prefix they carry. `onEmpty` runs when the last subscription is closed. */
export function createSubscribers(onEmpty: () => void): Subscribers {
  const listeners = new Set<PacketListener>();
  return {
    add: (wanted) => {
      // One object may be added twice.
      const listener: PacketListener = {
        prefix: wanted.prefix,
        onPacket: (packet) => {
          wanted.onPacket(packet);
        },
        onLost: (packets) => {
          wanted.onLost(packets);
        },
      };
      listeners.add(listener);
      return {
        close: () => {
          if (listeners.delete(listener) && listeners.size === 0) onEmpty();
        },
      };
    },
    deliver: (packet) => {
      for (const listener of listeners)
        if (packet.prefix.startsWith(listener.prefix)) listener.onPacket(packet);
    },
    lost: (packets) => {
      for (const listener of listeners) listener.onLost(packets);
    },
    clear: () => {
      listeners.clear();
    },
  };
}
