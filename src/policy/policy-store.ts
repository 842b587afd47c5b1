import { compareBytes } from '../base/byte-order.ts';
import type { TextList } from '../base/text-list.ts';
import { DEFAULT_ALLOW_PROFILE } from '../resource/profile.ts';
import { isNetworkSetKind, resourceAs, resourceName } from '../resource/resource.ts';
import type {
  ClusterInformation,
  HostEndpoint,
  Kind,
  NetworkSet,
  Policy,
  Profile,
  Resource,
  ResourceId,
  ResourceUpdate,
  WorkloadEndpoint,
} from '../resource/resource.ts';
import { ConfigurationObjects } from './configuration-objects.ts';
import { CountedObjects } from './counted-objects.ts';
import { MAX_SET_MEMBERS } from './crowded-sets.ts';
import { EndpointNodes } from './endpoint-nodes.ts';
import type { FelixLayers } from './felix-layers.ts';
import type { LocalInterface } from './governed-interfaces.ts';
import { findIdlePolicies } from './idle-policies.ts';
import { LocalEndpoints } from './local-endpoints.ts';
import { Membership } from './membership.ts';
import type { Contribution } from './membership.ts';
import { Resolver } from './resolver.ts';
import type { Resolution, Shadow } from './resolver.ts';
import { StagedRegister } from './staged-register.ts';

/**
 * All objects of the datastore as far as they concern this host, indexed so that the work of an update is
 * proportional to what it changes. Updates may come in any order; what `resolve` answers depends on the
 * present objects alone.
 */
export class PolicyStore {
  readonly #counted = new CountedObjects();
  readonly #configuration: ConfigurationObjects;
  readonly #membership = new Membership();
  readonly #policies = new Map<string, Policy>();
  readonly #staged = new StagedRegister();
  readonly #hostEndpoints = new Map<string, HostEndpoint>();
  readonly #nodes = new EndpointNodes();
  readonly #local: LocalEndpoints;
  readonly #resolver: Resolver;
  #policyVersion = 0;

  /** `nodeName` is compared with `spec.node` of host endpoints exactly; sets have at most `mostMembers` in a family. */
  constructor(nodeName: string, mostMembers = MAX_SET_MEMBERS) {
    const membership = this.#membership;
    const counted = this.#counted;
    const enforced = (): readonly Policy[] =>
      [...this.#policies.values()].filter(({ kind }) => !isStaged(kind));
    this.#configuration = new ConfigurationObjects(nodeName, counted);
    this.#local = new LocalEndpoints({ nodeName, counted, membership, enforced });
    const inputs = { local: this.#local, staged: this.#staged, membership, mostMembers };
    this.#resolver = new Resolver(inputs);
  }

  get clusterInformation(): ClusterInformation | null {
    return this.#configuration.clusterInformation;
  }

  /** The FelixConfiguration objects that apply to this host. */
  get felixLayers(): FelixLayers {
    return this.#configuration.felixLayers;
  }

  /** Number of objects in force, by kind; kinds without any are left out. */
  get counts(): ReadonlyMap<Kind, number> {
    return this.#counted.counts;
  }

  /** Number of nodes that have a HostEndpoint. */
  get hosts(): number {
    return this.#nodes.size;
  }

  /** `spec.node` of all HostEndpoints, each once; the same array while they are the same. */
  get nodeNames(): readonly string[] {
    return this.#nodes.names;
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
    const selected = this.#local.policiesOf(name);
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
    this.#resolver.setInterfaces(interfaces, isExcluded);
  }

  /** Prepares `resolve` in steps of about a millisecond, not while an `approach` is under way; changes may come between them. */
  *prepare(): Generator<undefined, void> {
    this.#resolver.arrange();
    yield* this.#membership.settle();
  }

  /** What applies now. Parts that did not change are the same objects as in the last answer. */
  resolve(): Resolution {
    return this.#resolver.resolve();
  }

  /** The staged policies that concern this host, as of `resolve` now; null: there are none. */
  shadow(): Shadow | null {
    return this.#resolver.shadow();
  }

  /**
   * Prepares `apply` in steps of a few milliseconds, where it would take long: one network set of many networks. Before it
   * `resolve` would answer for something in between.
   */
  *approach({ id, resource, edit }: ResourceUpdate): Generator<undefined, void> {
    if (!isNetworkSetKind(id.kind)) return;
    const before = this.#membership.size;
    const next = contributionOfSet(resourceAs(resource, id.kind));
    yield* this.#membership.approach(id, next, edit);
    this.#counted.count(id.kind, this.#membership.size - before);
  }

  /** Takes one object's present state. */
  apply({ id, resource }: ResourceUpdate): void {
    if (isPolicyKind(id.kind)) {
      this.#applyPolicy({ ...id, kind: id.kind }, resource);
      return;
    }
    switch (id.kind) {
      case 'HostEndpoint':
        this.#applyHostEndpoint(id, resourceAs(resource, 'HostEndpoint'));
        break;
      case 'WorkloadEndpoint':
        this.#applyWorkloadEndpoint(id, resourceAs(resource, 'WorkloadEndpoint'));
        break;
      case 'GlobalNetworkSet':
      case 'NetworkSet':
        this.#contribute(id, contributionOfSet(resourceAs(resource, id.kind)));
        break;
      case 'Profile':
        this.#applyProfile(id, resourceAs(resource, 'Profile'));
        break;
      case 'Tier':
        this.#local.setTier(id, resourceAs(resource, 'Tier'));
        break;
      case 'Node':
      case 'FelixConfiguration':
      case 'ClusterInformation':
        this.#configuration.apply({ ...id, kind: id.kind }, resource);
    }
  }

  #applyHostEndpoint(id: ResourceId, next: HostEndpoint | null): void {
    this.#nodes.moved(this.#hostEndpoints.get(id.name)?.node, next?.node);
    this.#counted.put(this.#hostEndpoints, id, next);
    this.#membership.setContributor(id, contributionOf(next, next?.expectedIPs));
    this.#local.setEndpoint(id.name, next);
  }

  #applyWorkloadEndpoint(id: ResourceId, next: WorkloadEndpoint | null): void {
    this.#contribute(id, contributionOf(next, next?.addresses));
  }

  // Not kept in a map of their own: the membership knows how many there are.
  #contribute(id: ResourceId, next: Contribution | null): void {
    const before = this.#membership.size;
    this.#membership.setContributor(id, next);
    this.#counted.count(id.kind, this.#membership.size - before);
  }

  #applyProfile(id: ResourceId, next: Profile | null): void {
    const stored = id.name === DEFAULT_ALLOW_PROFILE.name ? DEFAULT_ALLOW_PROFILE : next;
    this.#membership.setProfileLabels(id.name, stored?.labelsToApply ?? null);
    this.#local.setProfile(id, stored);
  }

  #applyPolicy(
    id: ResourceId & { readonly kind: Policy['kind'] },
    resource: Resource | null,
  ): void {
    const next = resourceAs(resource, id.kind);
    const key = resourceName(id);
    const previous = this.#policies.get(key) ?? null;
    if (next === null) this.#policies.delete(key);
    else this.#policies.set(key, next);
    this.#counted.count(id.kind, (next === null ? 0 : 1) - (previous === null ? 0 : 1));
    if (isStaged(id.kind)) {
      this.#staged.apply(key, next);
      return;
    }
    this.#policyVersion += 1;
    this.#local.replacePolicy(previous, next);
  }
}

function isPolicyKind(kind: Kind): kind is Policy['kind'] {
  return kind.endsWith('NetworkPolicy');
}

function isStaged(kind: Kind): boolean {
  return kind.startsWith('Staged');
}

function contributionOf(
  endpoint: HostEndpoint | WorkloadEndpoint | null,
  nets: TextList = [],
): Contribution | null {
  if (endpoint === null) return null;
  const { ports, labels, profiles } = endpoint;
  return { nets, ports, labels, profiles };
}

function contributionOfSet(set: NetworkSet | null): Contribution | null {
  if (set === null) return null;
  const { nets, labels, profiles } = set;
  return { nets, ports: [], labels, profiles, isNetworkSet: true };
}
