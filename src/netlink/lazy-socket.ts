import { HostError } from '../base/errors.ts';
import { openNetlink } from './netlink-socket.ts';
import type { NetlinkSocket } from './netlink-socket.ts';

/** A netlink socket that is opened when it is first needed. */
export interface LazySocket {
  /** Rejects with HostError: what opening it said, or `closed`. A socket that could not be opened is tried again. */
  get(): Promise<NetlinkSocket>;
  /** Releases it; requests under way reject. */
  close(): Promise<void>;
}

/** For one protocol of netlink; `what` is named when it is asked after it was closed, with the code `<what>-closed`. */
export function lazyNetlink(protocol: number, what: string): LazySocket {
  let opening: Promise<NetlinkSocket> | null = null;
  let isClosed = false;
  return {
    get: () => {
      if (isClosed) return Promise.reject(new HostError(`${what}-closed`, `${what} is closed`));
      opening ??= openNetlink({ protocol, groups: [] }).catch((error: unknown) => {
        opening = null;
        throw error;
      });
      return opening;
    },
    close: async () => {
      isClosed = true;
      const socket = await opening?.catch(() => null);
      socket?.close();
    },
  };
}
