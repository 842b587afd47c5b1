import type { Problem } from '../base/problem.ts';
import { sameItems } from '../base/same-items.ts';
import type { HostEndpoint } from '../resource/resource.ts';
import { CrowdedSets } from './crowded-sets.ts';
import { governsTheSame, matchHostEndpoints } from './governed-interfaces.ts';
import type { Governed, LocalInterface } from './governed-interfaces.ts';
import type { LocalEndpoints } from './local-endpoints.ts';
import type { LocalEndpoint, LocalPolicy } from './local-policy.ts';
import type { Membership } from './membership.ts';
import type { SetDefinition } from './set-definition.ts';
import { ReferencedSets } from './set-references.ts';
import type { Staged } from './staged-policies.ts';
import type { StagedRegister } from './staged-register.ts';

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

/** What a resolution is made of. */
export interface ResolverInputs {
  readonly local: LocalEndpoints;
  readonly staged: StagedRegister;
  readonly membership: Pick<Membership, 'expect' | 'use' | 'publish'>;
  /** Of a set in one family. */
  readonly mostMembers: number;
}

/** Host endpoints, and what they govern of the present interfaces. */
interface Matched {
  readonly hostEndpoints: readonly HostEndpoint[];
  readonly governed: readonly Governed[];
}

/** Works out what applies to this host now. Parts that did not change are the same objects as in the last answer. */
export class Resolver {
  readonly #inputs: ResolverInputs;
  readonly #references = new ReferencedSets();
  #interfaces: readonly LocalInterface[] = [];
  #isExcluded: (interfaceName: string) => boolean = () => false;
  /** Null: to be matched anew. */
  #matched: Matched | null = null;
  #definitions: ReadonlyMap<string, SetDefinition> = new Map();
  #asked = new CrowdedSets({ endpoints: [], problems: [] }, 0);
  #resolution: Resolution = {
    policy: { endpoints: [], sets: new Map() },
    governed: [],
    problems: [],
  };

  constructor(inputs: ResolverInputs) {
    this.#inputs = inputs;
  }

  /** Sets this host's interfaces and which of them no host endpoint may govern by name or address. */
  setInterfaces(
    interfaces: readonly LocalInterface[],
    isExcluded: (interfaceName: string) => boolean,
  ): void {
    this.#interfaces = interfaces;
    this.#isExcluded = isExcluded;
    this.#matched = null;
  }

  /**
   * Does what `resolve` does before it asks for the members of sets, which may take long. What the last answer was made
   * with stays.
   */
  arrange(): void {
    const { local, staged } = this.#inputs;
    if (!local.isArranged || this.#matched === null) {
      const matched = this.#match();
      if (local.isArranged) this.#useInterfaces(matched.governed);
      else this.#arrange(matched.governed);
      this.#matched = matched;
    }
    if (!staged.isArranged) this.#arrangeStaged(this.#asked.endpoints);
  }

  /** What applies now. */
  resolve(): Resolution {
    this.arrange();
    this.#inputs.membership.use(this.#definitions);
    this.#useSets(this.#enforcedSets(this.#asked.endpoints));
    return this.#resolution;
  }

  /** The staged policies that concern this host, as of `resolve` now; null: there are none. */
  shadow(): Shadow | null {
    const { policy } = this.resolve();
    const { staged } = this.#inputs.staged;
    if (staged.policies.length === 0) return null;
    const { endpoints: enforced } = policy;
    return { ...staged, enforced, sets: this.#inputs.membership.publish() };
  }

  #match(): Matched {
    const { hostEndpoints } = this.#inputs.local;
    // Most changes are of policies.
    if (this.#matched !== null && sameItems(hostEndpoints, this.#matched.hostEndpoints))
      return this.#matched;
    const governed = matchHostEndpoints(hostEndpoints, this.#interfaces, this.#isExcluded);
    return { hostEndpoints, governed };
  }

  // Interfaces come and go by the dozen on a host of containers: what they do not concern stays the same object.
  #useInterfaces(governed: readonly Governed[]): void {
    if (governsTheSame(governed, this.#resolution.governed))
      this.#resolution = { ...this.#resolution, governed };
    else this.#arrange(governed);
  }

  #arrange(governed: readonly Governed[]): void {
    const { local, mostMembers } = this.#inputs;
    const problems: Problem[] = [];
    const endpoints = governed.flatMap((one) => local.arranged(one, problems) ?? []);
    // Crowded sets stay live although nothing refers to them: they may become smaller.
    this.#arrangeStaged(endpoints);
    this.#asked = new CrowdedSets({ endpoints, problems }, mostMembers);
    this.#resolution = { ...this.#resolution, governed };
    local.settle();
  }

  #useSets(sets: LocalPolicy['sets']): void {
    const { endpoints, problems } = this.#asked.without(sets);
    const { policy } = this.#resolution;
    if (sets === policy.sets && endpoints === policy.endpoints) return;
    this.#resolution = { ...this.#resolution, policy: { endpoints, sets }, problems };
  }

  // What staged policies ask for is kept up to date as well, but it is no part of what is enforced.
  #arrangeStaged(endpoints: readonly LocalEndpoint[]): void {
    const { local, staged, membership } = this.#inputs;
    const proposed = staged.arrange(endpoints.flatMap((one) => local.stagedSubject(one) ?? []));
    const definitions = this.#references.of([...endpoints, ...proposed]);
    if (definitions !== this.#definitions) membership.expect(definitions);
    this.#definitions = definitions;
    staged.settle();
  }

  #enforcedSets(endpoints: readonly LocalEndpoint[]): LocalPolicy['sets'] {
    const { staged, membership } = this.#inputs;
    return staged.enforcedSets(membership.publish(), endpoints, this.#resolution.policy.sets);
  }
}
