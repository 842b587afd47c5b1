import type { Action, Enforcement } from '../policy/local-policy.ts';
import type { PacketConntrack } from '../net/packet.ts';
import type { FailsafePort } from '../net/failsafe.ts';

/** A place on a packet's way where policy of one kind is asked. */
export type Stage = 'untracked' | 'preDNAT' | 'normal' | 'forward';
export type Direction = 'ingress' | 'egress';

/** One set that had a say in a match: what was looked for, and what was found. */
export interface SetLookup {
  readonly setId: string;
  /** Canonical selector, and for named ports protocol and name. */
  readonly description: string;
  /** The address, or `address . protocol . port`, that was looked up. */
  readonly wanted: string;
  /** The member that covers it; null when it is not in the set. */
  readonly member: string | null;
}

/** What is asked in a stage. */
export interface StageVisit {
  readonly stage: Stage;
  readonly direction: Direction;
  readonly interfaceName: string;
}

/** What one rule said: it matched, or the first of its conditions that did not hold. */
export interface RuleStep {
  readonly kind: 'rule';
  /** Position in the `ingress` or `egress` list of its policy or profile, from 0. */
  readonly index: number;
  readonly action: Action;
  readonly matched: boolean;
  /** The failing condition in words; null when the rule matched. */
  readonly because: string | null;
  readonly lookups: readonly SetLookup[];
}

/** What a policy or profile came to: the action of its deciding rule, or why it had none. */
export type PolicyOutcome = 'Allow' | 'Deny' | 'Pass' | 'no-rules' | 'no-match';

/** One thing that happened to a packet on its way through policy; steps are in order of evaluation. */
export type Step =
  /** IPv6 is not filtered at all, by configuration. */
  | { readonly kind: 'not-filtered'; readonly family: 4 | 6 }
  /** A host endpoint is asked; `isStar` when it governs all interfaces without one of their own. */
  | (StageVisit & { readonly kind: 'stage'; readonly endpoint: string; readonly isStar: boolean })
  /** Nobody is asked in this stage, and why. */
  | (StageVisit & { readonly kind: 'stage-skipped'; readonly reason: SkipReason })
  | {
      readonly kind: 'conntrack';
      readonly state: PacketConntrack;
      readonly outcome: 'Allow' | 'Deny';
    }
  /** Neighbour discovery and multicast listener messages are kept alive whatever policy says. */
  | { readonly kind: 'neighbour-discovery'; readonly icmpType: number }
  /** `isReply`: a source port of the opposite list, which keeps replies tracked in the untracked stage. */
  | {
      readonly kind: 'failsafe';
      readonly list: 'inbound' | 'outbound';
      readonly isReply: boolean;
      readonly entry: FailsafePort;
    }
  | {
      readonly kind: 'tier';
      readonly name: string;
      readonly defaultAction: 'Deny' | 'Pass';
      readonly enforcement: Enforcement;
    }
  | {
      readonly kind: 'policy';
      /** `GlobalNetworkPolicy allow-ssh`. */
      readonly policy: string;
      readonly outcome: PolicyOutcome;
      readonly rules: readonly RuleStep[];
    }
  | { readonly kind: 'end-of-tier'; readonly tier: string; readonly action: 'Deny' | 'Pass' }
  | {
      readonly kind: 'profile';
      readonly name: string;
      /** `missing` denies: the profile does not exist or cannot be read. */
      readonly outcome: PolicyOutcome | 'missing';
      readonly rules: readonly RuleStep[];
    }
  /** Nothing decided in the normal stage: a host endpoint denies. */
  | { readonly kind: 'final-deny'; readonly endpoint: string }
  /** The step before would have denied, but its tier observes (the next one is asked), or this host does. */
  | { readonly kind: 'observed'; readonly by: 'host' | 'tier'; readonly tier: string }
  /** What the stage came to; `skip`: no verdict, later stages decide. */
  | (StageVisit & { readonly kind: 'stage-end'; readonly outcome: StageOutcome });

/** `would-deny`: denied, but this host observes, so the packet passes and no later stage is asked. */
export type StageOutcome = 'allow' | 'deny' | 'would-deny' | 'skip';

export type SkipReason =
  /** No host endpoint governs the interface. */
  | 'ungoverned'
  /** The interface's endpoint has no policy of this stage. */
  | 'no-policy'
  /** Untracked policy allowed the packet. */
  | 'allowed-untracked'
  /** Pre-DNAT policy allowed the packet. */
  | 'allowed-preDNAT'
  /** An earlier stage would have denied the packet. */
  | 'would-be-denied'
  /** Pre-DNAT policy is not asked about packets of known connections. */
  | 'known-connection';
