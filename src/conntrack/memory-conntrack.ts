import type { Conntrack, Flow } from './conntrack.ts';
import { HostError } from '../base/errors.ts';

/** A Conntrack without a kernel, for tests. */
export interface MemoryConntrack extends Conntrack {
  /** Adds a flow; one with the same original tuple, protocol and zone is replaced. */
  add(flow: Flow): void;
}

/** A Conntrack whose flows are those that somebody added. */
export function createMemoryConntrack(initial: readonly Flow[] = []): MemoryConntrack {
  const flows = new Map<string, Flow>();
  let closed = false;
  const ifOpen = <T>(action: () => T): Promise<T> =>
    closed
      ? Promise.reject(new HostError('conntrack-closed', 'Connection tracking is closed'))
      : Promise.resolve(action());
  const add = (flow: Flow): void => {
    flows.set(keyOf(flow), flow);
  };
  initial.forEach(add);
  return {
    add,
    list: () => ifOpen(() => [...flows.values()]),
    delete: (flow) =>
      ifOpen(() => {
        const key = keyOf(flow);
        const found = [...flows.values()].find(
          (one) => key === keyOf(one) || key === replyKey(one),
        );
        if (found === undefined) return false;
        return (found.id === flow.id || flow.id === null) && flows.delete(keyOf(found));
      }),
    close: () => {
      closed = true;
      return Promise.resolve();
    },
  };
}

function keyOf({ protocol, zone, original }: Pick<Flow, 'protocol' | 'zone' | 'original'>): string {
  const { source, destination, sourcePort, destinationPort, icmp } = original;
  return JSON.stringify([protocol, zone, source, destination, sourcePort, destinationPort, icmp]);
}

function replyKey({ protocol, zone, reply }: Flow): string {
  return keyOf({ protocol, zone, original: reply });
}
