import type { Family } from '../net/address.ts';

/** One direction of a flow, as connection tracking keys it. */
export interface FlowTuple {
  /** Canonical text, as are all addresses here. */
  readonly source: string;
  readonly destination: string;
  /** TCP, UDP, UDP-Lite, SCTP and DCCP; null for every other protocol. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** ICMP and ICMPv6 queries; null for every other protocol. */
  readonly icmp: IcmpKey | null;
}

/** What tells ICMP queries apart; `id` is the identifier of echo and its like. */
export interface IcmpKey {
  readonly type: number;
  readonly code: number;
  readonly id: number;
}

/** The kernel's names for the states of a TCP connection (enum tcp_conntrack), in lower case. */
export type TcpState =
  | 'none'
  | 'syn-sent'
  | 'syn-recv'
  | 'established'
  | 'fin-wait'
  | 'close-wait'
  | 'last-ack'
  | 'time-wait'
  | 'close'
  | 'syn-sent2';

/** A flow that connection tracking knows. */
export interface Flow {
  readonly family: Family;
  /** IP protocol number. */
  readonly protocol: number;
  /** As the first packet was sent. */
  readonly original: FlowTuple;
  /** As answers are expected: not simply the reverse of `original` when there is NAT. */
  readonly reply: FlowTuple;
  /** Bits of FLOW_STATUS. */
  readonly status: number;
  readonly mark: number;
  /** Connection tracking zone, 0 by default. */
  readonly zone: number;
  /** Tells this flow from a later one with the same tuples; null where the kernel gives none. */
  readonly id: number | null;
  /** Null for everything but TCP. */
  readonly tcpState: TcpState | null;
}

/** Bits of a flow's status (enum ip_conntrack_status). */
export const FLOW_STATUS = {
  expected: 0x1,
  seenReply: 0x2,
  assured: 0x4,
  confirmed: 0x8,
  sourceNat: 0x10,
  destinationNat: 0x20,
  dying: 0x200,
  offloaded: 0x4000,
} as const;

/** The flows of this host's network namespace. Calls reject with HostError. */
export interface Conntrack {
  /** All flows of both families. The kernel's table may change meanwhile: a flow may be missing, or be gone already. */
  list(): Promise<readonly Flow[]>;
  /**
   * Ends the flow: its next packet starts a new one, in state `new`. With no id it is whatever flow has its original tuple
   * in either direction. False: it is gone already.
   */
  delete(flow: Flow): Promise<boolean>;
  /** Releases everything; calls under way reject. */
  close(): Promise<void>;
}
