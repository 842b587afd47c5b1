/** An object of the datastore, or `interfaces`, as far as a turn took it in. */
export interface ObjectChange {
  /** `GlobalNetworkPolicy allow-ssh`; `+12 more` where a turn took in more than are named. */
  readonly name: string;
  readonly change: 'created' | 'updated' | 'deleted' | '';
}

interface HistoryEntry {
  /** ISO 8601. */
  readonly at: string;
  /** The datastore revision that was in force then. Who wrote it is not known. */
  readonly revision: number;
  readonly objects: readonly ObjectChange[];
}

/** Other rules came into force. */
export interface RulesRecord extends HistoryEntry {
  readonly kind: 'rules';
  /** Hash of all endpoints with their policies, without the members of sets. */
  readonly policyHash: string;
  /** Policies and profiles that differ from before; hash null: not in force here any more. */
  readonly policies: readonly { readonly name: string; readonly hash: string | null }[];
  readonly rulesAdded: readonly string[];
  readonly rulesRemoved: readonly string[];
}

/** The same rules, but other members in their sets; up to a minute of such turns is one record. */
export interface MembersRecord extends HistoryEntry {
  readonly kind: 'members';
  readonly turns: number;
  readonly sets: readonly {
    /** The selector, and for named ports protocol and name. */
    readonly description: string;
    readonly before: number;
    readonly after: number;
  }[];
}

/** What happened to the rules of this host, oldest first in every list. */
export type HistoryRecord = RulesRecord | MembersRecord;

/** One rule in force, and when packets last matched it. */
export interface RuleUse {
  /** `GlobalNetworkPolicy allow-ssh`, `profile web`. */
  readonly policy: string;
  readonly direction: 'ingress' | 'egress';
  /** Position in the list of its direction, from 0. */
  readonly index: number;
  readonly action: string;
  readonly text: string;
  /** Since its counter was made; null: not in the kernel, so nothing is known. */
  readonly packets: number | null;
  /** Since when it is looked at; ISO 8601. */
  readonly firstSeen: string | null;
  /** When its counter was last seen to have grown, to the minute; null: never since `firstSeen`. */
  readonly lastHit: string | null;
}

/** A policy or profile in force, and the hash of its rules. */
export interface PolicyInForce {
  readonly name: string;
  /** Empty for profiles. */
  readonly tier: string;
  readonly hash: string;
}

/** What the daemon knows about the past of this host, and the use of its rules. */
export interface HistoryAnswer {
  readonly at: string;
  readonly policyHash: string;
  readonly policies: readonly PolicyInForce[];
  readonly rules: readonly RuleUse[];
  readonly history: readonly HistoryRecord[];
}
