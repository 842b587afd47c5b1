import { closedError, takenError } from './errors.ts';
import type { LoggedPacket, PacketLog } from './packet-log.ts';
import { createSubscribers } from './subscribers.ts';
import type { Subscribers } from './subscribers.ts';

/** A PacketLog without a kernel, for tests. */
export interface MemoryPacketLog extends PacketLog {
  /** What a rule with `log group` would do. Nobody hears a group that is not open. */
  log(group: number, packet: LoggedPacket): void;
  lose(group: number, packets: number): void;
  /** Another process takes a group, or gives it back. */
  setTaken(group: number, taken: boolean): void;
  readonly openGroups: readonly number[];
}

/** A PacketLog whose packets are those that somebody logs. */
export function createMemoryPacketLog(): MemoryPacketLog {
  const groups = new Map<number, Subscribers>();
  const taken = new Set<number>();
  let closed = false;

  function bind(group: number): Subscribers {
    const subscribers = createSubscribers(() => groups.delete(group));
    groups.set(group, subscribers);
    return subscribers;
  }

  return {
    open: (group, listener) => {
      if (closed) return Promise.reject(closedError());
      if (taken.has(group)) return Promise.reject(takenError(group, 'ulogd, process 1'));
      return Promise.resolve((groups.get(group) ?? bind(group)).add(listener));
    },
    close: () => {
      closed = true;
      for (const subscribers of groups.values()) subscribers.clear();
      groups.clear();
    },
    log: (group, packet) => groups.get(group)?.deliver(packet),
    lose: (group, packets) => groups.get(group)?.lost(packets),
    setTaken: (group, isTaken) => {
      if (isTaken) taken.add(group);
      else taken.delete(group);
    },
    get openGroups() {
      return [...groups.keys()];
    },
  };
}
