import type { Problem } from '../base/problem.ts';
import { DENY_ALL } from '../resource/limits.ts';
import { resourceName } from '../resource/resource.ts';
import type { HostEndpoint, LocalTier, Policy } from './local-policy.ts';
import { STAGES } from './local-tiers.ts';
import type { LocalTiers } from './local-tiers.ts';

/** The most rules of all policies that one endpoint asks in one stage and direction. */
export const MAX_STAGE_RULES = 50_000;

type Direction = 'ingress' | 'egress';

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

// No object can have this name.
const BEYOND = 'beyond the limit of rules';

/**
 * The same tiers as far as the limit allows: from the first policy on that goes beyond it, everything that reaches it
 * in that stage and direction is denied. `problems` hears of it.
 */
export function limitRules(
  hostEndpoint: HostEndpoint,
  tiers: LocalTiers,
  problems: Problem[],
): LocalTiers {
  const limited: Record<(typeof STAGES)[number], readonly LocalTier[]> = { ...tiers };
  for (const stage of STAGES) {
    for (const direction of DIRECTIONS) {
      const first = firstBeyond(limited[stage], direction);
      if (first === null) continue;
      limited[stage] = cutAt(limited[stage], direction, first);
      problems.push(beyond(hostEndpoint, first, `${stage} ${direction}`));
    }
  }
  return limited;
}

function firstBeyond(tiers: readonly LocalTier[], direction: Direction): Policy | null {
  let rules = 0;
  for (const tier of tiers) {
    for (const policy of tier[direction]) {
      rules += policy[direction].length;
      if (rules > MAX_STAGE_RULES) return policy;
    }
  }
  return null;
}

function cutAt(
  tiers: readonly LocalTier[],
  direction: Direction,
  first: Policy,
): readonly LocalTier[] {
  const cut = tiers.findIndex((tier) => tier[direction].includes(first));
  const kept = tiers.flatMap((tier, index) => {
    if (index < cut || tier.name === BEYOND) return [tier];
    const members = tier[direction];
    const own = index === cut ? members.slice(0, members.indexOf(first)) : [];
    const limited = { ...tier, [direction]: own };
    return limited.ingress.length + limited.egress.length === 0 ? [] : [limited];
  });
  const last = kept.find(({ name }) => name === BEYOND) ?? BEYOND_TIER;
  const others = kept.filter((tier) => tier !== last);
  return [...others, { ...last, [direction]: [denyAll(first)] }];
}

// A tier of its own: another one may pass on what it denies.
const BEYOND_TIER: LocalTier = {
  name: BEYOND,
  defaultAction: 'Deny',
  enforcement: 'enforce',
  ingress: [],
  egress: [],
};

function denyAll(first: Policy): Policy {
  const names = { name: BEYOND, displayName: BEYOND, tier: BEYOND };
  return { ...first, ...names, ingress: [DENY_ALL], egress: [DENY_ALL] };
}

function beyond(hostEndpoint: HostEndpoint, first: Policy, where: string): Problem {
  return {
    severity: 'error',
    code: 'too-many-rules',
    object: resourceName(hostEndpoint),
    field: '',
    message: `Its policies have more than ${MAX_STAGE_RULES} rules (${where}): from ${resourceName(first)} on, what reaches them is denied. Use selectors or network sets in the place of many rules.`,
  };
}
