import type { ElementSet } from './element-set.ts';

/** The one table, which holds both address families. Everything in it is ours. */
export const TABLE = { family: 'inet', name: 'rampart' } as const;

export type Family = 4 | 6;
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** Inclusive. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export type AddressSide = 'saddr' | 'daddr';
export type PortSide = 'sport' | 'dport';
export type ConntrackState = 'established' | 'related' | 'new' | 'invalid' | 'untracked';

/** One condition; the conditions of a rule are ANDed, each list inside one is an OR. */
export type Match =
  | { readonly kind: 'iifname' | 'oifname'; readonly names: readonly string[] }
  /** `meta nfproto`. */
  | { readonly kind: 'family'; readonly family: Family }
  /** `meta l4proto`, numbers; follows IPv6 extension headers. */
  | { readonly kind: 'l4proto'; readonly negated: boolean; readonly protocols: readonly number[] }
  /** `ip`/`ip6` address against CIDRs or addresses of that family; implies the family, negated or not. */
  | {
      readonly kind: 'address';
      readonly side: AddressSide;
      readonly family: Family;
      readonly negated: boolean;
      readonly nets: readonly string[];
    }
  /** The same against a named set of addresses. */
  | {
      readonly kind: 'address-set';
      readonly side: AddressSide;
      readonly family: Family;
      readonly negated: boolean;
      readonly set: string;
    }
  /** `th sport`/`th dport`; the rule must pin l4proto to protocols that have ports. */
  | {
      readonly kind: 'port';
      readonly side: PortSide;
      readonly negated: boolean;
      readonly ports: readonly PortRange[];
    }
  /** `ip saddr . meta l4proto . th sport` (or the destination's) against a named set of triples. */
  | {
      readonly kind: 'named-port';
      readonly side: 'source' | 'destination';
      readonly family: Family;
      readonly negated: boolean;
      readonly set: string;
    }
  /** `icmp`/`icmpv6` header fields; implies family and protocol, negated or not. */
  | {
      readonly kind: 'icmp';
      readonly family: Family;
      readonly field: 'type' | 'code';
      readonly negated: boolean;
      readonly values: readonly number[];
    }
  /** `ip6 hoplimit`. */
  | { readonly kind: 'hoplimit'; readonly value: number }
  | { readonly kind: 'ct-state'; readonly states: readonly ConntrackState[] }
  /** `ct status dnat`, positive only: a negated test never matches packets without a conntrack entry. */
  | { readonly kind: 'ct-status-dnat' }
  /** `meta mark & mask == value`. */
  | { readonly kind: 'mark'; readonly mask: number; readonly value: number }
  | {
      readonly kind: 'limit';
      readonly rate: number;
      readonly per: 'second' | 'minute' | 'hour' | 'day';
      readonly burst: number;
    };

/** What a branch looks at. */
export type BranchField =
  /** `th dport & mask`; keys are ports. The rule must pin l4proto to protocols that have ports. */
  | { readonly kind: 'dport'; readonly mask: number }
  /** The first `prefix` bits of an address; keys are addresses. Implies the family. */
  | { readonly kind: AddressSide; readonly family: Family; readonly prefix: number };

/** What ends a rule. `accept` ends the base chain only, `drop` and `reject` are final. */
export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  /** ICMP port unreachable of the packet's family; the kernel refuses it in chains reached from postrouting. */
  | { readonly kind: 'reject' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  /** `iifname vmap { … }`: goto by interface name; no entry, no verdict. */
  | {
      readonly kind: 'dispatch';
      readonly key: 'iifname' | 'oifname';
      readonly chains: ReadonlyMap<string, string>;
    }
  /** `… vmap { … }`: jump by a field of the packet; no entry, no verdict. */
  | {
      readonly kind: 'branch';
      readonly field: BranchField;
      readonly chains: ReadonlyMap<string, string>;
    };

/** A verdict that is looked up in a map. */
export type MapVerdict = Extract<Verdict, { readonly chains: unknown }>;

/** What a rule does once all its matches hold, in this order. */
export type Statement =
  | { readonly kind: 'counter'; readonly name: string }
  | { readonly kind: 'log'; readonly prefix: string }
  /** `log group`: to whoever listens to this NFLOG group, instead of the kernel's log. */
  | { readonly kind: 'nflog'; readonly prefix: string; readonly group: number }
  /** `meta mark set meta mark & keep | set`. */
  | { readonly kind: 'mark'; readonly keep: number; readonly set: number }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

export interface Rule {
  /** Who this rule is, for people and for readback: at most 128 bytes, never proof of content. */
  readonly comment: string;
  readonly matches: readonly Match[];
  readonly statements: readonly Statement[];
}

/** Where the kernel calls a chain; type filter, policy accept. */
export interface BaseHook {
  readonly hook: Hook;
  readonly priority: number;
}

export interface Chain {
  readonly name: string;
  readonly base: BaseHook | null;
  readonly rules: readonly Rule[];
}

/**
 * `hash`: single addresses. `interval`: non-overlapping CIDRs and addresses. `named-port`: triples
 * written `address . protocol number . port`.
 */
export type SetKind = 'hash' | 'interval' | 'named-port';

export interface SetDeclaration {
  readonly name: string;
  readonly family: Family;
  readonly kind: SetKind;
}

export interface NamedSet extends SetDeclaration {
  readonly elements: ElementSet;
}

/** The whole desired content of the table, as a value. */
export interface Ruleset {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Names of counter objects; they outlive rewrites of the rules that use them. */
  readonly counters: ReadonlySet<string>;
}
