import { HostError } from '../base/errors.ts';
import { NLM_F } from '../netlink/message.ts';
import { lazyNetlink } from '../netlink/lazy-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import type { Conntrack, Flow } from './conntrack.ts';
import { CTNETLINK, decodeFlow, flowDeleteRequest, flowDumpRequest } from './ctnetlink-message.ts';

/** Flows decoded between two turns of the event loop: a few milliseconds of work. */
const FLOWS_PER_TURN = 500;

/**
 * The kernel's flows through ctnetlink (module nf_conntrack_netlink, loaded by the kernel on demand). Needs
 * CAP_NET_ADMIN. The socket is opened by the first call.
 */
export function createCtnetlinkConntrack(): Conntrack {
  return new CtnetlinkConntrack();
}

class CtnetlinkConntrack implements Conntrack {
  readonly #lazy = lazyNetlink(NETLINK.netfilter, 'conntrack');

  async list(): Promise<readonly Flow[]> {
    const socket = await this.#lazy.get();
    const messages = await socket.request(CTNETLINK.getFlow, NLM_F.dump, flowDumpRequest());
    const flows: Flow[] = [];
    for (const [i, message] of messages.entries()) {
      if (i > 0 && i % FLOWS_PER_TURN === 0) await nextTurn();
      const flow = message.type === CTNETLINK.newFlow ? decodeFlow(message.payload) : null;
      if (flow !== null) flows.push(flow);
    }
    return flows;
  }

  async delete(flow: Flow): Promise<boolean> {
    const body = flowDeleteRequest(flow);
    if (body === null) {
      const { source, destination } = flow.original;
      throw new HostError('flow-invalid', `No such flow can exist: ${source} to ${destination}`);
    }
    const socket = await this.#lazy.get();
    try {
      await socket.request(CTNETLINK.deleteFlow, 0, body);
      return true;
    } catch (error) {
      if (error instanceof HostError && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#lazy.close();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
