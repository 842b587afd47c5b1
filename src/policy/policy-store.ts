import { compareBytes } from '../base/byte-order.ts';
import type { Problem } from '../base/problem.ts';
import { DEFAULT_ALLOW_PROFILE } from '../resource/profile.ts';
import { resourceName } from '../resource/resource.ts';
import type {
  ClusterInformation,
  FelixConfiguration,
  HostEndpoint,
  Kind,
  NetworkSet,
  Node,
  Policy,
  Profile,
  Resource,
  ResourceId,
  ResourceUpdate,
  Tier,
  WorkloadEndpoint,
} from '../resource/resource.ts';
import { felixLayers } from './felix-layers.ts';
import type { FelixLayers } from './felix-layers.ts';
import { findIdlePolicies } from './idle-policies.ts';
import { CrowdedSets, MAX_SET_MEMBERS } from './crowded-sets.ts';
import { governsTheSame, matchHostEndpoints } from './governed-interfaces.ts';
import type { Governed, LocalInterface } from './governed-interfaces.ts';
import type { LocalEndpoint, LocalPolicy } from './local-policy.ts';
import { arrangeTiers } from './local-tiers.ts';
import { Membership } from './membership.ts';
import type { Contribution, SetDefinition } from './membership.ts';
import type { LocalTiers } from './local-tiers.ts';
import { Selection } from './selection.ts';
import { ReferencedSets } from './set-references.ts';
import type { Staged, StagedSubject } from './staged-policies.ts';
import { StagedRegister } from './staged-register.ts';

/** The present meaning of the datastore for one host. */
export interface Resolution {
  readonly policy: LocalPolicy;
  /** Every host endpoint of this node, with its interfaces and state, ordered by name. */
  readonly governed: readonly Governed[];
  /** What operators should know about how the objects fit together. */
  readonly problems: readonly Problem[];
}

/** Staged policies that concern this host, for whoever compares them with what is enforced. */
export interface Shadow extends Staged {
  /** What is enforced, of the same moment. */
  readonly enforced: LocalPolicy['endpoints'];
  /** The sets of both. Their members may be read until the next update arrives. */
  readonly sets: LocalPolicy['sets'];
}

/**
 * All objects of the datastore as far as they concern this host, indexed so that the work of an update is
 * proportional to what it changes. Updates may come in any order; what `resolve` answers depends on the
 * present objects alone.
 */
export class PolicyStore {
  readonly #nodeName: string;
  readonly #mostMembers: number;
  readonly #membership = new Membership();
  readonly #policies = new Map<string, Policy>();
  readonly #tiers = new Map<string, Tier>();
  readonly #profiles = new Map<string, Profile>([
    [DEFAULT_ALLOW_PROFILE.name, DEFAULT_ALLOW_PROFILE],
  ]);
  readonly #hostEndpoints = new Map<string, HostEndpoint>();
  readonly #endpointsByNode = new Map<string, number>();
  #nodeNames: readonly string[] | null = null;
  readonly #selections = new Map<string, Selection>();
  readonly #felixConfigurations = new Map<string, FelixConfiguration>();
  readonly #counts = new Map<Kind, number>();
  #node: Node | null = null;
  #clusterInformation: ClusterInformation | null = null;
  #interfaces: readonly LocalInterface[] = [];
  #isExcluded: (interfaceName: string) => boolean = () => false;
  #isArranged = false;
  #isMatched = false;
  readonly #staged = new StagedRegister();
  readonly #references = new ReferencedSets();
  #definitions: ReadonlyMap<string, SetDefinition> = new Map();
  #policyVersion = 0;
  #asked = new CrowdedSets({ endpoints: [], problems: [] }, 0);
  #resolution: Resolution = {
    policy: { endpoints: [], sets: new Map() },
    governed: [],
    problems: [],
  };

  /** `nodeName` is compared with `spec.node` of host endpoints exactly; sets have at most `mostMembers` in a family. */
  constructor(nodeName: string, mostMembers = MAX_SET_MEMBERS) {
    this.#nodeName = nodeName;
    this.#mostMembers = mostMembers;
  }

  get clusterInformation(): ClusterInformation | null {
    return this.#clusterInformation;
  }

  /** The FelixConfiguration objects that apply to this host. */
  get felixLayers(): FelixLayers {
    return felixLayers(this.#felixConfigurations, this.#nodeName, this.#node);
  }

  /** Number of objects in force, by kind; kinds without any are left out. */
  get counts(): ReadonlyMap<Kind, number> {
    return this.#counts;
  }

  /** Number of nodes that have a HostEndpoint. */
  get hosts(): number {
    return this.#endpointsByNode.size;
  }

  /** `spec.node` of all HostEndpoints, each once; the same array while they are the same. */
  get nodeNames(): readonly string[] {
    this.#nodeNames ??= [...this.#endpointsByNode.keys()];
    return this.#nodeNames;
  }

  /** Counts the changes of policies that are enforced. */
  get policyVersion(): number {
    return this.#policyVersion;
  }

  /** Starts `findIdlePolicies` on the GlobalNetworkPolicies and endpoints as they are now. */
  surveyPolicies(): Generator<undefined, readonly Policy[]> {
    const policies = [...this.#policies.values()];
    return findIdlePolicies(
      policies.filter(({ kind }) => kind === 'GlobalNetworkPolicy'),
      this.#membership.endpointLabels(),
    );
  }

  /**
   * Every policy, staged ones included, by name, and whether it selects this host's endpoint `name`. For people who ask:
   * all policies are looked at.
   */
  candidatesFor(
    name: string,
  ): readonly { readonly policy: Policy; readonly isSelected: boolean }[] {
    const selected = this.#selections.get(name)?.policies;
    return [...this.#policies]
      .sort(([a], [b]) => compareBytes(a, b))
      .map(([, policy]) => ({ policy, isSelected: selected?.has(policy) === true }));
  }

  /** The objects that put `member` into the set `setId` of the last answer, by name. */
  contributorsOf(setId: string, member: string): readonly string[] {
    return this.#membership.contributorsOf(setId, member);
  }

  /** Sets this host's interfaces and which of them no host endpoint may govern by name or address. */
  setInterfaces(
    interfaces: readonly LocalInterface[],
    isExcluded: (interfaceName: string) => boolean,
  ): void {
    this.#interfaces = interfaces;
    this.#isExcluded = isExcluded;
    this.#isMatched = false;
  }

  /** Takes one object's present state. */
  apply({ id, resource }: ResourceUpdate): void {
    if (isPolicyKind(id.kind)) {
      this.#applyPolicy({ ...id, kind: id.kind }, resource);
      return;
    }
    switch (id.kind) {
      case 'HostEndpoint':
        this.#applyHostEndpoint(id, only(resource, 'HostEndpoint'));
        break;
      case 'WorkloadEndpoint':
        this.#applyWorkloadEndpoint(id, only(resource, 'WorkloadEndpoint'));
        break;
      case 'GlobalNetworkSet':
      case 'NetworkSet':
        this.#applyNetworkSet(id, only(resource, id.kind));
        break;
      case 'Profile':
        this.#applyProfile(id, only(resource, 'Profile'));
        break;
      case 'Tier':
        this.#applyTier(id, only(resource, 'Tier'));
        break;
      case 'Node':
      case 'FelixConfiguration':
      case 'ClusterInformation':
        this.#applyConfiguration({ ...id, kind: id.kind }, resource);
    }
  }

  /**
   * Prepares `apply` in steps of a few milliseconds, where it would take long: one network set of many networks. Before it
   * `resolve` would answer for something in between.
   */
  *approach({ id, resource }: ResourceUpdate): Generator<undefined, void> {
    if (id.kind !== 'GlobalNetworkSet' && id.kind !== 'NetworkSet') return;
    const before = this.#membership.size;
    yield* this.#membership.approach(id, contributionOf(only(resource, id.kind)));
    this.#count(id.kind, this.#membership.size - before);
  }

  /** What applies now. Parts that did not change are the same objects as in the last answer. */
  resolve(): Resolution {
    if (!this.#isArranged) this.#arrange(this.#match());
    else if (!this.#isMatched) this.#useInterfaces(this.#match());
    const { endpoints } = this.#asked;
    if (!this.#staged.isArranged) this.#arrangeStaged(endpoints);
    this.#useSets(this.#enforcedSets(endpoints));
    return this.#resolution;
  }

  /** The staged policies that concern this host, as of `resolve` now; null: there are none. */
  shadow(): Shadow | null {
    const { policy } = this.resolve();
    const { staged } = this.#staged;
    if (staged.policies.length === 0) return null;
    const { endpoints: enforced } = policy;
    return { ...staged, enforced, sets: this.#membership.publish() };
  }

  #match(): readonly Governed[] {
    const local = [...this.#selections.values()].map(({ hostEndpoint }) => hostEndpoint);
    this.#isMatched = true;
    return matchHostEndpoints(local, this.#interfaces, this.#isExcluded);
  }

  // Interfaces come and go by the dozen on a host of containers: what they do not concern stays the same object.
  #useInterfaces(governed: readonly Governed[]): void {
    if (governsTheSame(governed, this.#resolution.governed))
      this.#resolution = { ...this.#resolution, governed };
    else this.#arrange(governed);
  }

  #arrange(governed: readonly Governed[]): void {
    const problems: Problem[] = [];
    const endpoints = governed.flatMap((one) => this.#localEndpoint(one, problems) ?? []);
    // Crowded sets stay live although nothing refers to them: they may become smaller.
    this.#arrangeStaged(endpoints);
    this.#asked = new CrowdedSets({ endpoints, problems }, this.#mostMembers);
    this.#resolution = { ...this.#resolution, governed };
    this.#useSets(this.#enforcedSets(endpoints));
    this.#isArranged = true;
  }

  #useSets(sets: LocalPolicy['sets']): void {
    const { endpoints, problems } = this.#asked.without(sets);
    const { policy } = this.#resolution;
    if (sets === policy.sets && endpoints === policy.endpoints) return;
    this.#resolution = { ...this.#resolution, policy: { endpoints, sets }, problems };
  }

  // What staged policies ask for is kept up to date as well, but it is no part of what is enforced.
  #arrangeStaged(endpoints: readonly LocalEndpoint[]): void {
    const proposed = this.#staged.arrange(
      endpoints.flatMap((one) => this.#stagedSubject(one) ?? []),
    );
    const definitions = this.#references.of([...endpoints, ...proposed]);
    if (definitions !== this.#definitions) this.#membership.use(definitions);
    this.#definitions = definitions;
  }

  #stagedSubject(endpoint: LocalEndpoint): StagedSubject | null {
    const selection = this.#selections.get(endpoint.hostEndpoint.name);
    if (selection === undefined) return null;
    return {
      endpoint,
      policies: selection.policies,
      selects: (policy) => selection.selects(policy),
      arrange: (all) => arrangeTiers(all, this.#tiers),
    };
  }

  #enforcedSets(endpoints: readonly LocalEndpoint[]): LocalPolicy['sets'] {
    const { sets } = this.#resolution.policy;
    return this.#staged.enforcedSets(this.#membership.publish(), endpoints, sets);
  }

  #localEndpoint(governed: Governed, problems: Problem[]): LocalEndpoint | null {
    const { hostEndpoint, interfaces } = governed;
    const selection = this.#selections.get(hostEndpoint.name);
    if (interfaces.length === 0 || selection === undefined) return null;
    const tiers = selection.arranged(this.#tiers, problems);
    if (interfaces === '*') problems.push(...untrackedOnStar(hostEndpoint, tiers));
    return {
      hostEndpoint,
      interfaces,
      ...tiers,
      untracked: interfaces === '*' ? [] : tiers.untracked,
      profiles: hostEndpoint.profiles.map((name) => ({
        name,
        profile: this.#profiles.get(name) ?? null,
      })),
    };
  }

  #applyHostEndpoint(id: ResourceId, next: HostEndpoint | null): void {
    const previous = this.#hostEndpoints.get(id.name);
    if (previous?.node !== next?.node) {
      this.#countNode(next?.node, 1);
      this.#countNode(previous?.node, -1);
    }
    this.#put(this.#hostEndpoints, id, next);
    this.#membership.setContributor(
      id,
      next && {
        nets: next.expectedIPs,
        ports: next.ports,
        labels: next.labels,
        profiles: next.profiles,
      },
    );
    const wasLocal = this.#selections.delete(id.name);
    if (next?.node === this.#nodeName) this.#select(next);
    else if (wasLocal) this.#isArranged = false;
  }

  #applyWorkloadEndpoint(id: ResourceId, next: WorkloadEndpoint | null): void {
    this.#setCounted(
      id,
      next && {
        nets: next.addresses,
        ports: next.ports,
        labels: next.labels,
        profiles: next.profiles,
      },
    );
  }

  #applyNetworkSet(id: ResourceId, next: NetworkSet | null): void {
    this.#setCounted(id, contributionOf(next));
  }

  #setCounted(id: ResourceId, next: Contribution | null): void {
    const before = this.#membership.size;
    this.#membership.setContributor(id, next);
    this.#count(id.kind, this.#membership.size - before);
  }

  #applyProfile(id: ResourceId, next: Profile | null): void {
    const stored = id.name === DEFAULT_ALLOW_PROFILE.name ? DEFAULT_ALLOW_PROFILE : next;
    this.#put(this.#profiles, id, stored);
    this.#membership.setProfileLabels(id.name, stored?.labelsToApply ?? null);
    for (const { hostEndpoint } of [...this.#selections.values()]) {
      if (hostEndpoint.profiles.includes(id.name)) this.#select(hostEndpoint);
    }
  }

  #applyTier(id: ResourceId, next: Tier | null): void {
    this.#put(this.#tiers, id, next);
    for (const selection of this.#selections.values()) selection.rearrange();
    this.#isArranged = false;
  }

  #applyConfiguration(
    id: ResourceId & { readonly kind: 'Node' | 'FelixConfiguration' | 'ClusterInformation' },
    resource: Resource | null,
  ): void {
    switch (id.kind) {
      case 'Node':
        if (id.name === this.#nodeName) this.#node = only(resource, 'Node');
        break;
      case 'FelixConfiguration':
        this.#put(this.#felixConfigurations, id, only(resource, 'FelixConfiguration'));
        break;
      case 'ClusterInformation':
        if (id.name === 'default') this.#clusterInformation = only(resource, 'ClusterInformation');
        break;
    }
  }

  #applyPolicy(
    id: ResourceId & { readonly kind: Policy['kind'] },
    resource: Resource | null,
  ): void {
    const next = only(resource, id.kind);
    const key = resourceName(id);
    const previous = this.#policies.get(key);
    if (next === null) this.#policies.delete(key);
    else this.#policies.set(key, next);
    this.#count(id.kind, (next === null ? 0 : 1) - (previous === undefined ? 0 : 1));
    if (isStaged(id.kind)) {
      this.#staged.apply(key, next);
      return;
    }
    this.#policyVersion += 1;
    for (const selection of this.#selections.values()) {
      if (selection.replace(previous ?? null, next)) this.#isArranged = false;
    }
  }

  #select(hostEndpoint: HostEndpoint): void {
    const labels = this.#membership.effectiveLabels(hostEndpoint.labels, hostEndpoint.profiles);
    const enforced = [...this.#policies.values()].filter(({ kind }) => !isStaged(kind));
    const selection = new Selection(hostEndpoint, labels, enforced);
    this.#selections.set(hostEndpoint.name, selection);
    this.#isArranged = false;
  }

  #countNode(node: string | undefined, change: 1 | -1): void {
    if (node === undefined) return;
    const before = this.#endpointsByNode.get(node) ?? 0;
    const count = before + change;
    if (count === 0) this.#endpointsByNode.delete(node);
    else this.#endpointsByNode.set(node, count);
    if (count === 0 || before === 0) this.#nodeNames = null;
  }

  #put<R extends Resource>(map: Map<string, R>, id: ResourceId, next: R | null): void {
    const before = map.size;
    if (next === null) map.delete(id.name);
    else map.set(id.name, next);
    this.#count(id.kind, map.size - before);
  }

  #count(kind: Kind, change: number): void {
    if (change === 0) return;
    const count = (this.#counts.get(kind) ?? 0) + change;
    if (count === 0) this.#counts.delete(kind);
    else this.#counts.set(kind, count);
  }
}

function only<K extends Kind>(
  resource: Resource | null,
  kind: K,
): Extract<Resource, { readonly kind: K }> | null;
function only(resource: Resource | null, kind: Kind): Resource | null {
  return resource?.kind === kind ? resource : null;
}

function isPolicyKind(kind: Kind): kind is Policy['kind'] {
  return kind.endsWith('NetworkPolicy');
}

function isStaged(kind: Kind): boolean {
  return kind.startsWith('Staged');
}

function untrackedOnStar(star: HostEndpoint, tiers: LocalTiers): readonly Problem[] {
  const names = tiers.untracked.flatMap(({ ingress, egress }) =>
    [...ingress, ...egress].map(resourceName),
  );
  return [...new Set(names)].map((object) => ({
    severity: 'warning',
    code: 'untracked-on-all-interfaces',
    object,
    field: 'spec.doNotTrack',
    message:
      `doNotTrack policies have no effect on ${resourceName(star)}, which stands for all interfaces ("*"), ` +
      'as in Calico: give the interface a host endpoint of its own',
  }));
}

function contributionOf(set: NetworkSet | null): Contribution | null {
  if (set === null) return null;
  const { nets, labels, profiles } = set;
  return { nets, ports: [], labels, profiles, isNetworkSet: true };
}
