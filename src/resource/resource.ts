import type { Problem } from '../base/problem.ts';
import type { TextList } from '../base/text-list.ts';
import type { Selector } from '../selector/selector.ts';
import type { Rule } from './rule.ts';

/** The Calico kinds that this program reads; all others are ignored. */
export type Kind =
  | 'HostEndpoint'
  | 'GlobalNetworkPolicy'
  | 'NetworkPolicy'
  | 'StagedGlobalNetworkPolicy'
  | 'StagedNetworkPolicy'
  | 'StagedKubernetesNetworkPolicy'
  | 'GlobalNetworkSet'
  | 'NetworkSet'
  | 'Profile'
  | 'Tier'
  | 'WorkloadEndpoint'
  | 'Node'
  | 'FelixConfiguration'
  | 'ClusterInformation';

/** Who an object is; taken from its key, never from its value. `namespace` is empty for cluster scope. */
export interface ResourceId {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** Label keys to values. */
export type Labels = Readonly<Record<string, string>>;

export interface EndpointPort {
  readonly name: string;
  /** 6, 17 or 132. */
  readonly protocol: number;
  readonly port: number;
}

export interface HostEndpoint extends ResourceId {
  readonly kind: 'HostEndpoint';
  readonly labels: Labels;
  readonly node: string;
  /** An interface name, `*`, or empty. */
  readonly interfaceName: string;
  /** Canonical addresses. */
  readonly expectedIPs: readonly string[];
  readonly profiles: readonly string[];
  readonly ports: readonly EndpointPort[];
}

export interface WorkloadEndpoint extends ResourceId {
  readonly kind: 'WorkloadEndpoint';
  /** As matched by selectors: without `pcns.`/`pcsa.`, with the service account added. */
  readonly labels: Labels;
  readonly profiles: readonly string[];
  /** `ipNetworks` as canonical single addresses. */
  readonly addresses: readonly string[];
  readonly ports: readonly EndpointPort[];
}

export type PolicyKind =
  | 'GlobalNetworkPolicy'
  | 'NetworkPolicy'
  | 'StagedGlobalNetworkPolicy'
  | 'StagedNetworkPolicy'
  | 'StagedKubernetesNetworkPolicy';

/** All five kinds of policy; the staged ones are read but never enforced. */
export interface Policy extends ResourceId {
  readonly kind: PolicyKind;
  /** What users call it: without the prefixes that older writers stored. */
  readonly displayName: string;
  readonly tier: string;
  /** Infinity when absent: last. */
  readonly order: number;
  /** Which endpoints it applies to, with namespaces and service accounts rewritten into labels. */
  readonly selector: Selector;
  readonly appliesToIngress: boolean;
  readonly appliesToEgress: boolean;
  readonly doNotTrack: boolean;
  readonly preDNAT: boolean;
  readonly applyOnForward: boolean;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
  /** Empty for kinds that are not staged. */
  readonly stagedAction: '' | 'Set' | 'Delete' | 'Learn' | 'Ignore';
}

/** GlobalNetworkSet and NetworkSet. */
export interface NetworkSet extends ResourceId {
  readonly kind: 'GlobalNetworkSet' | 'NetworkSet';
  /** As matched by selectors: NetworkSets carry `projectcalico.org/namespace`. */
  readonly labels: Labels;
  /** Profiles to inherit labels from: `kns.<namespace>` for a NetworkSet. */
  readonly profiles: readonly string[];
  /** Canonical masked CIDRs, `/32` and `/128` written out. */
  readonly nets: TextList;
}

export interface Profile extends ResourceId {
  readonly kind: 'Profile';
  /** Null when the rules are invalid: the profile then counts as missing (deny), its labels may still apply. */
  readonly rules: { readonly ingress: readonly Rule[]; readonly egress: readonly Rule[] } | null;
  /** Empty when the object fails validation as a whole. */
  readonly labelsToApply: Labels;
}

export interface Tier extends ResourceId {
  readonly kind: 'Tier';
  /** Infinity when absent. */
  readonly order: number;
  readonly defaultAction: 'Deny' | 'Pass';
  /** The annotation `rampart/enforcement`; see `Enforcement`. */
  readonly enforcement: Enforcement;
}

/** Whether what policy denies is denied, or only counted. Rampart's own: Calico knows nothing like it. */
export type Enforcement = 'enforce' | 'observe';

export interface Node extends ResourceId {
  readonly kind: 'Node';
  readonly labels: Labels;
}

export interface FelixConfiguration extends ResourceId {
  readonly kind: 'FelixConfiguration';
  /** Null when absent or empty: then only the names `default` and `node.<host>` have an effect. */
  readonly nodeSelector: Selector | null;
  /** RFC 3339 text as stored, empty when unknown; breaks ties between matching nodeSelectors. */
  readonly creationTimestamp: string;
  /**
   * Felix parameter name (lower case) to Felix's own string form of the value: lists of failsafe ports as
   * `tcp:10.0.0.0/8:22,udp:68` (`none` for an empty list), durations in seconds, booleans as `true`/`false`.
   * Annotations `config.projectcalico.org/<Param>` are already merged in.
   */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface ClusterInformation extends ResourceId {
  readonly kind: 'ClusterInformation';
  readonly datastoreReady: boolean;
  readonly clusterGUID: string;
  readonly calicoVersion: string;
}

export type Resource =
  | HostEndpoint
  | WorkloadEndpoint
  | Policy
  | NetworkSet
  | Profile
  | Tier
  | Node
  | FelixConfiguration
  | ClusterInformation;

/** What one key of the datastore means now: an object, or its absence with the reasons. */
export interface ResourceUpdate {
  readonly id: ResourceId;
  /** Null: gone, or to be treated as absent. */
  readonly resource: Resource | null;
  readonly problems: readonly Problem[];
  /** Of a network set of many networks, where that is known: how they came of those that it had before. */
  readonly edit?: NetsEdit;
}

/** What a list of networks lost and gained, repetitions counted; of both there may be some that are in either. */
export interface NetsEdit {
  readonly before: TextList;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** `GlobalNetworkPolicy allow-ssh`, `NetworkPolicy shop/frontend`: for people and as a map key. */
export function resourceName(id: ResourceId): string {
  return id.namespace === '' ? `${id.kind} ${id.name}` : `${id.kind} ${id.namespace}/${id.name}`;
}

/** Whether objects of this kind are addresses under labels. */
export function isNetworkSetKind(kind: Kind | undefined): kind is NetworkSet['kind'] {
  return kind === 'GlobalNetworkSet' || kind === 'NetworkSet';
}

/** The object, if it is of this kind. */
export function resourceAs<K extends Kind>(
  resource: Resource | null,
  kind: K,
): Extract<Resource, { readonly kind: K }> | null;
export function resourceAs(resource: Resource | null, kind: Kind): Resource | null {
  return resource?.kind === kind ? resource : null;
}
