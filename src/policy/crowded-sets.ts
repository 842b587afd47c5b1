import type { Problem } from '../base/problem.ts';
import { resourceName } from '../resource/resource.ts';
import type {
  EntityRule,
  LocalEndpoint,
  LocalProfile,
  LocalTier,
  MemberSet,
  Rule,
} from './local-policy.ts';
import { namedPortSetId, selectorSetId } from './set-id.ts';

/** The most members of one set in one family. */
export const MAX_SET_MEMBERS = 1_000_000;

/** Endpoints, and what is to be said about them. */
export interface Arranged {
  readonly endpoints: readonly LocalEndpoint[];
  readonly problems: readonly Problem[];
}

/** Keeps sets with more than `most` members in a family out of the rules of these endpoints. */
export class CrowdedSets {
  readonly #asked: Arranged;
  readonly #most: number;
  #crowded: ReadonlySet<string> = new Set();
  #honoured: Arranged;

  constructor(asked: Arranged, most: number) {
    this.#asked = asked;
    this.#most = most;
    this.#honoured = asked;
  }

  /** The endpoints with all the sets that they ask for. */
  get endpoints(): readonly LocalEndpoint[] {
    return this.#asked.endpoints;
  }

  /** The endpoints as far as `sets` allow; the same object for as long as the same sets are crowded. */
  without(sets: ReadonlyMap<string, MemberSet>): Arranged {
    const crowded = this.#crowdedOf(sets);
    if (sameIds(crowded, this.#crowded)) return this.#honoured;
    this.#crowded = crowded;
    const { endpoints, problems } = withoutCrowded(this.#asked.endpoints, crowded);
    const isAll = crowded.size === 0;
    this.#honoured = isAll
      ? this.#asked
      : { endpoints, problems: [...this.#asked.problems, ...problems] };
    return this.#honoured;
  }

  #crowdedOf(sets: ReadonlyMap<string, MemberSet>): ReadonlySet<string> {
    const crowded = new Set<string>();
    for (const [id, { ipv4, ipv6 }] of sets)
      if (ipv4.size > this.#most || ipv6.size > this.#most) crowded.add(id);
    return crowded;
  }
}

function sameIds(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size === others.size && [...some].every((id) => others.has(id));
}

/**
 * The same endpoints without crowded sets: a Deny that asks for one matches without that part, every other rule that
 * does never matches.
 */
function withoutCrowded(
  endpoints: readonly LocalEndpoint[],
  crowded: ReadonlySet<string>,
): Arranged {
  const problems = new Map<string, Problem>();
  // Each list once: the rules that endpoints and stages share stay shared.
  const known = new Map<readonly Rule[], readonly Rule[]>();
  const rulesOf = (object: string, field: string, rules: readonly Rule[]): readonly Rule[] => {
    const next = known.get(rules) ?? honoured(rules, crowded);
    known.set(rules, next);
    if (next !== rules) problems.set(`${object} ${field}`, problemOf(object, field));
    return next;
  };
  const ownerOf = <Rules extends Owner>(object: string, owner: Rules): Rules => {
    const ingress = rulesOf(object, 'ingress', owner.ingress);
    const egress = rulesOf(object, 'egress', owner.egress);
    return ingress === owner.ingress && egress === owner.egress
      ? owner
      : { ...owner, ingress, egress };
  };
  const tiersOf = (tiers: readonly LocalTier[]): readonly LocalTier[] =>
    tiers.map((tier) => ({
      ...tier,
      ingress: tier.ingress.map((policy) => ownerOf(resourceName(policy), policy)),
      egress: tier.egress.map((policy) => ownerOf(resourceName(policy), policy)),
    }));
  const profileOf = ({ name, profile }: LocalProfile): LocalProfile => {
    const rules = profile?.rules ?? null;
    if (profile === null || rules === null) return { name, profile };
    return { name, profile: { ...profile, rules: ownerOf(resourceName(profile), rules) } };
  };
  const next = endpoints.map((endpoint) => ({
    ...endpoint,
    untracked: tiersOf(endpoint.untracked),
    preDNAT: tiersOf(endpoint.preDNAT),
    normal: tiersOf(endpoint.normal),
    forward: tiersOf(endpoint.forward),
    profiles: endpoint.profiles.map(profileOf),
  }));
  return { endpoints: next, problems: [...problems.values()] };
}

interface Owner {
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

function honoured(rules: readonly Rule[], crowded: ReadonlySet<string>): readonly Rule[] {
  const next = rules.map((rule) => {
    if (rule.neverMatches !== null) return rule;
    const source = honouredEntity(rule.source, rule.protocol, crowded);
    const destination = honouredEntity(rule.destination, rule.protocol, crowded);
    if (source === rule.source && destination === rule.destination) return rule;
    return rule.action === 'Deny'
      ? { ...rule, source, destination }
      : { ...rule, neverMatches: `a set of it has more than ${MAX_SET_MEMBERS} members` };
  });
  return next.every((rule, index) => rule === rules[index]) ? rules : next;
}

function honouredEntity(
  entity: EntityRule,
  protocol: number | null,
  crowded: ReadonlySet<string>,
): EntityRule {
  const isCrowded = (id: string): boolean => crowded.has(id);
  const portsId = (list: EntityRule['ports']): string =>
    list === null || list.named.length === 0
      ? ''
      : namedPortSetId(entity.positiveSelector, protocol, list.named);
  const lost: Partial<Record<keyof EntityRule, null>> = {
    ...(entity.selector !== null && isCrowded(selectorSetId(entity.selector))
      ? { selector: null }
      : {}),
    ...(entity.notSelector !== null && isCrowded(selectorSetId(entity.notSelector))
      ? { notSelector: null }
      : {}),
    ...(isCrowded(portsId(entity.ports)) ? { ports: null } : {}),
    ...(isCrowded(portsId(entity.notPorts)) ? { notPorts: null } : {}),
  };
  return Object.keys(lost).length === 0 ? entity : { ...entity, ...lost };
}

function problemOf(object: string, direction: string): Problem {
  return {
    severity: 'error',
    code: 'too-many-members',
    object,
    field: `spec.${direction}`,
    message: `Labels or named ports that rules ask for stand for more than ${MAX_SET_MEMBERS} addresses. Deny rules match without that part, others never match. Narrow the selectors.`,
  };
}
