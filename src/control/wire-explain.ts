import type { Basis, CounterView, Direction, Stage } from './wire.ts';

/** A packet to be explained. What is left out has the value in brackets. */
export interface PacketRequest {
  /** `input`: to this host; `output`: from it; `forward`: through it; `loopback`: from it to itself. */
  readonly path: 'input' | 'output' | 'forward' | 'loopback';
  /** Where it comes in; needed but on the path `output`. */
  readonly iifname?: string;
  /** Where it leaves; needed but on the path `input`. */
  readonly oifname?: string;
  /** Where it leaves after `dnat` (the same interface). */
  readonly oifnameAfterDnat?: string | null;
  readonly source: string;
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Needed for TCP, UDP and SCTP. */
  readonly sourcePort?: number | null;
  readonly destinationPort?: number | null;
  /** Needed for ICMP and ICMPv6. */
  readonly icmpType?: number | null;
  /** (0 for ICMP and ICMPv6.) */
  readonly icmpCode?: number | null;
  /** (64; 255 for neighbour discovery.) */
  readonly hopLimit?: number;
  /** (0.) */
  readonly mark?: number;
  /** (`new`.) */
  readonly conntrack?: 'new' | 'established' | 'related' | 'invalid' | 'untracked';
  /** Where other rules of this host translate it to (null). */
  readonly dnat?: {
    readonly destination: string;
    readonly destinationPort?: number | null;
  } | null;
}

/** `POST /v1/explain`. */
export interface ExplainRequest {
  readonly packet: PacketRequest;
}

export interface ExplainAnswer {
  readonly basis: Basis;
  readonly verdict: 'allow' | 'deny';
  /** How the kernel refuses it; null when it is allowed. */
  readonly denial: 'drop' | 'reject' | null;
  readonly tracked: boolean;
  /** The packet with all its fields. */
  readonly packet: Required<PacketRequest> & { readonly family: 4 | 6 };
  readonly trail: readonly TrailStep[];
  /** The trail for people, several lines. */
  readonly text: string;
  readonly kernel: KernelAnswer;
  /**
   * What policy says and what the rules do are worked out apart from each other. Null: they agree. Else a
   * sentence that says how they differ: this is a bug of Rampart and must be shown loudly.
   */
  readonly disagreement: string | null;
}

/** What the nftables rules do with the packet. */
export interface KernelAnswer {
  /** `unsupported`: it cannot be known, `why` says the reason. */
  readonly verdict: 'accept' | 'drop' | 'reject' | 'unsupported';
  readonly why: string | null;
  /** Rules that matched, in order. */
  readonly hits: readonly RuleHitView[];
  /** The one of `hits` that decided; null when no rule did. */
  readonly decidedBy: RuleHitView | null;
}

export interface RuleHitView {
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  readonly chain: string;
  /** Position in the chain, from 0. */
  readonly index: number;
  readonly comment: string;
  /** Counters that the packet would move, with their present values. */
  readonly counters: readonly CounterView[];
}

interface Visit {
  readonly stage: Stage;
  readonly direction: Direction;
  readonly interfaceName: string;
}

/** One thing that happens to the packet; same shapes as the steps of an offline explanation. */
export type TrailStep =
  | { readonly kind: 'not-filtered'; readonly family: 4 | 6 }
  | (Visit & { readonly kind: 'stage'; readonly endpoint: string; readonly isStar: boolean })
  | (Visit & {
      readonly kind: 'stage-skipped';
      readonly reason:
        'ungoverned' | 'no-policy' | 'allowed-untracked' | 'allowed-preDNAT' | 'known-connection';
    })
  | {
      readonly kind: 'conntrack';
      readonly state: 'new' | 'established' | 'related' | 'invalid' | 'untracked';
      readonly outcome: 'Allow' | 'Deny';
    }
  | { readonly kind: 'neighbour-discovery'; readonly icmpType: number }
  | {
      readonly kind: 'failsafe';
      readonly list: 'inbound' | 'outbound';
      readonly isReply: boolean;
      readonly entry: {
        readonly protocol: 6 | 17 | 132;
        readonly net: string | null;
        readonly port: number;
      };
    }
  | { readonly kind: 'tier'; readonly name: string; readonly defaultAction: 'Deny' | 'Pass' }
  | {
      readonly kind: 'policy';
      readonly policy: string;
      readonly outcome: PolicyOutcome;
      readonly rules: readonly TrailRule[];
    }
  | { readonly kind: 'end-of-tier'; readonly tier: string; readonly action: 'Deny' | 'Pass' }
  | {
      readonly kind: 'profile';
      readonly name: string;
      readonly outcome: PolicyOutcome | 'missing';
      readonly rules: readonly TrailRule[];
    }
  | { readonly kind: 'final-deny'; readonly endpoint: string }
  | (Visit & { readonly kind: 'stage-end'; readonly outcome: 'allow' | 'deny' | 'skip' });

export type PolicyOutcome = 'Allow' | 'Deny' | 'Pass' | 'no-rules' | 'no-match';

export interface TrailRule {
  readonly kind: 'rule';
  readonly index: number;
  readonly action: 'Allow' | 'Deny' | 'Pass' | 'Log';
  readonly matched: boolean;
  /** The condition that does not hold, in words; null when the rule matches. */
  readonly because: string | null;
  readonly lookups: readonly TrailLookup[];
}

export interface TrailLookup {
  readonly setId: string;
  readonly description: string;
  /** What was looked for. */
  readonly wanted: string;
  /** The member that covers it; null: not in the set. */
  readonly member: string | null;
  /** Objects that the member comes from; empty without a member, absent offline. */
  readonly from?: readonly string[];
}
