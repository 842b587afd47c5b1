import type { Problem } from '../base/problem.ts';
import { DEFAULT_ALLOW_PROFILE } from '../resource/profile.ts';
import { resourceName } from '../resource/resource.ts';
import type { HostEndpoint, Policy, Profile, ResourceId, Tier } from '../resource/resource.ts';
import type { CountedObjects } from './counted-objects.ts';
import type { Governed } from './governed-interfaces.ts';
import type { LocalEndpoint } from './local-policy.ts';
import { arrangeTiers } from './local-tiers.ts';
import type { LocalTiers } from './local-tiers.ts';
import type { Membership } from './membership.ts';
import { Selection } from './selection.ts';
import type { StagedSubject } from './staged-policies.ts';

/** What endpoints are arranged by, beside their own tiers and profiles. */
export interface LocalEndpointsInputs {
  readonly nodeName: string;
  readonly counted: CountedObjects;
  readonly membership: Pick<Membership, 'effectiveLabels'>;
  /** The policies that are enforced. */
  readonly enforced: () => Iterable<Policy>;
}

/** This node's host endpoints, and what selects and governs them: policies, tiers and profiles. */
export class LocalEndpoints {
  readonly #inputs: LocalEndpointsInputs;
  readonly #tiers = new Map<string, Tier>();
  readonly #profiles = new Map<string, Profile>([
    [DEFAULT_ALLOW_PROFILE.name, DEFAULT_ALLOW_PROFILE],
  ]);
  readonly #selections = new Map<string, Selection>();
  #isArranged = false;

  constructor(inputs: LocalEndpointsInputs) {
    this.#inputs = inputs;
  }

  /** False: something changed, other than what they govern, since `settle`. */
  get isArranged(): boolean {
    return this.#isArranged;
  }

  /** As the datastore has them. */
  get hostEndpoints(): readonly HostEndpoint[] {
    return [...this.#selections.values()].map(({ hostEndpoint }) => hostEndpoint);
  }

  /** What was arranged is used. */
  settle(): void {
    this.#isArranged = true;
  }

  /** The enforced policies that select an endpoint; none where it is not one of this node. */
  policiesOf(endpoint: string): ReadonlySet<Policy> | undefined {
    return this.#selections.get(endpoint)?.policies;
  }

  /** Takes the present state of a host endpoint of any node. */
  setEndpoint(name: string, next: HostEndpoint | null): void {
    const wasLocal = this.#selections.delete(name);
    if (next?.node === this.#inputs.nodeName) this.#select(next);
    else if (wasLocal) this.#isArranged = false;
  }

  /** A policy that is enforced changed from one state to the other; null: there is none. */
  replacePolicy(before: Policy | null, after: Policy | null): void {
    for (const selection of this.#selections.values())
      if (selection.replace(before, after)) this.#isArranged = false;
  }

  /** Takes a profile's present state, after the labels that it hands down are known. */
  setProfile(id: ResourceId, next: Profile | null): void {
    this.#inputs.counted.put(this.#profiles, id, next);
    for (const { hostEndpoint } of [...this.#selections.values()])
      if (hostEndpoint.profiles.includes(id.name)) this.#select(hostEndpoint);
  }

  /** Takes a tier's present state. */
  setTier(id: ResourceId, next: Tier | null): void {
    this.#inputs.counted.put(this.#tiers, id, next);
    for (const selection of this.#selections.values()) selection.rearrange();
    this.#isArranged = false;
  }

  /** What applies to an endpoint that governs these interfaces; null: nothing, it governs none. */
  arranged(governed: Governed, problems: Problem[]): LocalEndpoint | null {
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

  /** An endpoint as staged policies see it. */
  stagedSubject(endpoint: LocalEndpoint): StagedSubject | null {
    const selection = this.#selections.get(endpoint.hostEndpoint.name);
    if (selection === undefined) return null;
    return {
      endpoint,
      policies: selection.policies,
      selects: (policy) => selection.selects(policy),
      arrange: (all) => arrangeTiers(all, this.#tiers),
    };
  }

  #select(hostEndpoint: HostEndpoint): void {
    const { membership, enforced } = this.#inputs;
    const labels = membership.effectiveLabels(hostEndpoint.labels, hostEndpoint.profiles);
    this.#selections.set(hostEndpoint.name, new Selection(hostEndpoint, labels, enforced()));
    this.#isArranged = false;
  }
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
