import type { Clock } from '../base/clock.ts';
import { HostError } from '../base/errors.ts';
import { parseMessages } from '../netlink/message.ts';
import { openNetlink } from '../netlink/netlink-socket.ts';
import type { NetlinkSocket } from '../netlink/netlink-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import { closedError, takenError, unavailableError } from './errors.ts';
import { groupHolder } from './group-holder.ts';
import { bindRequest, NFULNL_CONFIG, readPacket } from './nflog-message.ts';
import type { PacketSurroundings } from './nflog-message.ts';
import type { PacketListener, PacketLog, PacketSubscription } from './packet-log.ts';
import { createSequenceGaps } from './sequence-gaps.ts';
import { createSubscribers } from './subscribers.ts';
import type { Subscribers } from './subscribers.ts';

/** What may wait to be read; the kernel counts its own overhead too, so that is some 2,000 packets. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** What the real packet log needs from its surroundings. */
export interface NflogOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** The name of an interface; for an index that nobody knows, whatever is to be shown instead. */
  readonly interfaceName: (index: number) => string;
}

/** A group that is bound, or is being bound. */
interface Group {
  readonly subscribers: Subscribers;
  readonly bound: Promise<NetlinkSocket>;
}

/**
 * The kernel's packet log through nfnetlink_log (module nfnetlink_log, loaded by the kernel on demand). Needs
 * CAP_NET_ADMIN. Each group has a socket of its own, opened by its first subscription.
 */
export function createNflogPacketLog(options: NflogOptions): PacketLog {
  const groups = new Map<number, Group>();
  let closed = false;

  function release(number: number, group: Group): void {
    if (groups.get(number) === group) groups.delete(number);
    group.subscribers.clear();
    group.bound.then(
      (socket) => {
        socket.close();
      },
      () => undefined,
    );
  }

  function bind(number: number): Group {
    const subscribers = createSubscribers(() => {
      release(number, group);
    });
    const group: Group = { subscribers, bound: bindGroup(number, subscribers, options) };
    groups.set(number, group);
    return group;
  }

  return {
    open: async (number: number, listener: PacketListener): Promise<PacketSubscription> => {
      if (closed) throw closedError();
      const group = groups.get(number) ?? bind(number);
      const subscription = group.subscribers.add(listener);
      try {
        await group.bound;
      } catch (error) {
        release(number, group);
        throw error;
      }
      return subscription;
    },
    close: () => {
      closed = true;
      for (const [number, group] of groups) release(number, group);
    },
  };
}

async function bindGroup(
  number: number,
  subscribers: Subscribers,
  options: NflogOptions,
): Promise<NetlinkSocket> {
  const socket = await openNetlink({
    protocol: NETLINK.netfilter,
    groups: [],
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
  }).catch((cause: unknown) => {
    throw unavailableError(number, cause);
  });
  listen(socket, subscribers, options);
  try {
    await socket.request(NFULNL_CONFIG, 0, bindRequest(number));
    return socket;
  } catch (cause) {
    socket.close();
    throw await refusal(number, cause);
  }
}

function listen(socket: NetlinkSocket, subscribers: Subscribers, options: NflogOptions): void {
  const gaps = createSequenceGaps();
  socket.onOverrun(() => {
    subscribers.lost(gaps.overrun());
  });
  socket.onMessages((datagram) => {
    const around: PacketSurroundings = {
      now: options.clock.now(),
      interfaceName: options.interfaceName,
    };
    for (const message of parseMessages(datagram)) {
      const read = readPacket(message, around);
      if (read === null) continue;
      const lost = read.sequence === null ? 0 : gaps.next(read.sequence);
      if (lost > 0) subscribers.lost(lost);
      if (read.packet !== null) subscribers.deliver(read.packet);
    }
  });
}

async function refusal(group: number, cause: unknown): Promise<HostError> {
  if (!(cause instanceof HostError)) return unavailableError(group, cause);
  // EPERM: the socket could be opened and everything else of this daemon needs the same capability.
  if (cause.code === 'EPERM') return takenError(group, await groupHolder(group), cause);
  // EINVAL: no such subsystem.
  return cause.code === 'EINVAL' ? unavailableError(group, cause) : cause;
}
