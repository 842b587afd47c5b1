import type { Family } from '../net/address.ts';

/** Where in the kernel a packet was logged. */
export type LogHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** A flag of a TCP segment. */
export type TcpFlag = 'fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg' | 'ece' | 'cwr';

/** A packet that a rule with `log group N` saw. */
export interface LoggedPacket {
  /** Milliseconds since the epoch: when the kernel saw it, or where the kernel does not say, when we read it. */
  readonly time: number;
  /** As the rule's `log prefix` says. */
  readonly prefix: string;
  /** Null for a hook that is not one of the IP families'. */
  readonly hook: LogHook | null;
  /** Where it came in; empty for a packet of this host. */
  readonly iifname: string;
  /** Where it leaves; empty before routing, and for a packet to this host. */
  readonly oifname: string;
  readonly mark: number;
  readonly family: Family;
  /** Canonical text, as at the place where it was logged: after DNAT from the input and forward hooks on. */
  readonly source: string;
  readonly destination: string;
  /** IP protocol number, behind IPv6 extension headers. */
  readonly protocol: number;
  /** Null for protocols without ports and for fragments after the first, as are ICMP and TCP fields. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly tcpFlags: readonly TcpFlag[] | null;
  /** Bytes, IP header included, as that header says. */
  readonly length: number;
}

/** Who wants to hear packets of a group. */
export interface PacketListener {
  /** Only packets whose prefix starts so; empty: all. */
  readonly prefix: string;
  onPacket(packet: LoggedPacket): void;
  /**
   * So many packets of the group, of whatever prefix, were logged but not heard, because they came faster than they
   * were read. Told at once that something was lost, the exact number when the next packet arrives.
   */
  onLost(packets: number): void;
}

/** One listener's hold on a group. */
export interface PacketSubscription {
  /** Nothing is heard after this. The group is given back with its last subscription. May be called twice. */
  close(): void;
}

/**
 * Packets that rules log with `log group N` in this network namespace. A group belongs to one process at a time;
 * within this one any number of listeners may share it.
 */
export interface PacketLog {
  /**
   * Rejects with HostError: `nflog-group-taken` when another process holds the group, `nflog-unavailable` when the
   * kernel or this process cannot do it, `nflog-closed` after `close`, otherwise the errno's name.
   */
  open(group: number, listener: PacketListener): Promise<PacketSubscription>;
  /** Ends all subscriptions. May be called twice. */
  close(): void;
}
