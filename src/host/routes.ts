import { HostError } from '../base/errors.ts';
import type { Family } from '../net/address.ts';
import { lazyNetlink } from '../netlink/lazy-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import { decodeRouteAnswer, routeRequest } from './route-message.ts';
import type { Route } from './route-message.ts';
import { RTM } from './rtnetlink-message.ts';

export type { Route } from './route-message.ts';

/** The routing table of this host's network namespace. Calls reject with HostError. */
export interface Routes {
  /**
   * How a packet to `destination` leaves when it has no mark; null: it does not. `source` is an address of this
   * host, or null for any.
   */
  to(family: Family, destination: string, source: string | null): Promise<Route | null>;
  /** Releases everything; calls under way reject. */
  close(): Promise<void>;
}
// The kernel has no such route, or none that may be used: ENETUNREACH, EHOSTUNREACH, EACCES (prohibit), EINVAL
// (blackhole, or a source that is no address of this host).
const NO_ROUTE: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL']);

/** The kernel's own answer, through rtnetlink. The socket is opened by the first call. */
export function createRtnetlinkRoutes(): Routes {
  const lazy = lazyNetlink(NETLINK.route, 'routes');
  return {
    to: async (family, destination, source) => {
      const request = routeRequest(family, destination, source);
      if (request === null) return null;
      const socket = await lazy.get();
      try {
        return decodeRouteAnswer(await socket.request(RTM.getRoute, 0, request));
      } catch (error) {
        if (error instanceof HostError && NO_ROUTE.has(error.code)) return null;
        throw error;
      }
    },
    close: () => lazy.close(),
  };
}
