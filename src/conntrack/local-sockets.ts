import { HostError } from '../base/errors.ts';
import { lazyNetlink } from '../netlink/lazy-socket.ts';
import type { NetlinkSocket } from '../netlink/netlink-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import type { Flow } from './conntrack.ts';
import { decodeSocket, SOCK_DIAG, socketRequest } from './sock-diag-message.ts';
import type { SocketEnds } from './sock-diag-message.ts';

/** The TCP sockets of this host's network namespace. Calls reject with HostError. */
export interface LocalSockets {
  /**
   * Closes the connected socket of this host at either end of a TCP flow: its process sees ECONNABORTED. False: there
   * is none, or this kernel cannot (CONFIG_INET_DIAG_DESTROY).
   */
  abort(flow: Flow): Promise<boolean>;
  /** Releases everything; calls under way reject. */
  close(): Promise<void>;
}
const TCP = 6;
// No such socket, another one by now, or a kernel without this.
const NOT_DONE: ReadonlySet<string> = new Set(['ENOENT', 'ESTALE', 'EOPNOTSUPP', 'ENOTSUP']);

/** The kernel's sockets through sock_diag. Needs CAP_NET_ADMIN. The socket is opened by the first call. */
export function createLocalSockets(): LocalSockets {
  const lazy = lazyNetlink(NETLINK.sockDiag, 'sockets');
  return {
    abort: async (flow) => {
      if (flow.protocol !== TCP) return false;
      const socket = await lazy.get();
      for (const ends of endsOf(flow)) if (await abortOne(socket, ends)) return true;
      return false;
    },
    close: () => lazy.close(),
  };
}

// The kernel also answers with a listening socket when none is connected: only the cookie of a connected one that was
// looked at before may be closed.
async function abortOne(socket: NetlinkSocket, ends: SocketEnds): Promise<boolean> {
  const question = socketRequest(ends, null);
  if (question === null) return false;
  try {
    const answer = await socket.request(SOCK_DIAG.byFamily, 0, question);
    const cookie = decodeSocket(answer);
    const request = cookie === null ? null : socketRequest(ends, cookie);
    if (request === null) return false;
    await socket.request(SOCK_DIAG.destroy, 0, request);
    return true;
  } catch (error) {
    if (error instanceof HostError && NOT_DONE.has(error.code)) return false;
    throw error;
  }
}

/** The flow as the socket of either end sees it: what it is bound to, and its peer. */
function endsOf({ family, original, reply }: Flow): readonly SocketEnds[] {
  const began = {
    ...{ family, local: original.source, localPort: original.sourcePort },
    ...{ remote: original.destination, remotePort: original.destinationPort },
  };
  const answered = {
    ...{ family, local: reply.source, localPort: reply.sourcePort },
    ...{ remote: reply.destination, remotePort: reply.destinationPort },
  };
  return [answered, began];
}
