import type { TextList } from '../base/text-list.ts';
import type { Enforcement, HostEndpoint, Policy, Profile } from '../resource/resource.ts';

// The rooms below read policies through this file, so that they depend on policy alone.
export type {
  EndpointPort,
  Enforcement,
  HostEndpoint,
  Labels,
  Policy,
  Profile,
} from '../resource/resource.ts';
export type { Action, EntityRule, IcmpMatch, PortList, Rule } from '../resource/rule.ts';
export type { Selector } from '../selector/selector.ts';

/** Policies of one tier that select one endpoint, per direction, in evaluation order. */
export interface LocalTier {
  readonly name: string;
  /** What happens at the end of the tier in the normal and forward stages. */
  readonly defaultAction: 'Deny' | 'Pass';
  /** `observe`: what it denies is counted, and the next tier is asked as after Pass. */
  readonly enforcement: Enforcement;
  readonly ingress: readonly Policy[];
  readonly egress: readonly Policy[];
}

/** A profile an endpoint names; null when it does not exist or cannot be read: it denies. */
export interface LocalProfile {
  readonly name: string;
  readonly profile: Profile | null;
}

/** One of this node's host endpoints that governs at least one interface, or all of them. */
export interface LocalEndpoint {
  readonly hostEndpoint: HostEndpoint;
  /** Interface names, sorted bytewise; `*` for the endpoint of all interfaces without one of their own. */
  readonly interfaces: readonly string[] | '*';
  /** Tier sequences per stage; a tier is listed only where it has a policy of that stage. */
  readonly untracked: readonly LocalTier[];
  readonly preDNAT: readonly LocalTier[];
  readonly normal: readonly LocalTier[];
  readonly forward: readonly LocalTier[];
  readonly profiles: readonly LocalProfile[];
}

/** A set that some active rule refers to, with its members of both families. */
export interface MemberSet {
  readonly id: string;
  readonly kind: 'selector' | 'named-port';
  /** Canonical selector text and, for named ports, protocol and name: for people. */
  readonly description: string;
  readonly ipv4: FamilyMembers;
  readonly ipv6: FamilyMembers;
}

/** Members of one family. Shape of `ruleset/ElementSet`; see there for the contract. */
export interface FamilyMembers extends Iterable<string> {
  /** Whether every member is a single address (a triple counts as one). */
  readonly addressesOnly: boolean;
  readonly lineage: object;
  readonly version: number;
  readonly size: number;
  has(member: string): boolean;
  changesSince(version: number): {
    readonly added: readonly string[];
    readonly removed: readonly string[];
  } | null;
  kept(): TextList;
}

/** Everything that the datastore and the interfaces say about this host, resolved. */
export interface LocalPolicy {
  /** Ordered by name; at most one of them is the `*` endpoint. */
  readonly endpoints: readonly LocalEndpoint[];
  /** By set id; the sets that rules of `endpoints` refer to, and those that are too large to be referred to. */
  readonly sets: ReadonlyMap<string, MemberSet>;
}
