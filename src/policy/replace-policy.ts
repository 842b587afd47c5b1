import type { Policy } from '../resource/resource.ts';
import { comparePolicies } from './evaluation-order.ts';
import type { LocalTier } from './local-policy.ts';
import { appliesTo, belongsTo, STAGES } from './local-tiers.ts';
import type { LocalTiers, Stage } from './local-tiers.ts';

/** One policy of an endpoint, before and after; null: it did not, or does not, select the endpoint. */
export interface PolicyChange {
  readonly previous: Policy | null;
  readonly next: Policy | null;
}

/**
 * What `arrangeTiers` would answer after the change, found without a look at other policies than its neighbours; null:
 * a tier comes or goes with it, so all has to be arranged anew. Tiers that it does not concern are the same objects.
 */
export function replacePolicy(tiers: LocalTiers, change: PolicyChange): LocalTiers | null {
  const changed: { -readonly [S in Stage]: LocalTiers[S] } = { ...tiers };
  for (const stage of STAGES) {
    const result = changeStage(tiers[stage], stage, change);
    if (result === null) return null;
    changed[stage] = result;
  }
  return changed;
}

function changeStage(
  tiers: readonly LocalTier[],
  stage: Stage,
  { previous, next }: PolicyChange,
): readonly LocalTier[] | null {
  const gone = previous !== null && belongsTo(previous, stage) ? previous : null;
  const come = next !== null && belongsTo(next, stage) ? next : null;
  if (gone === null && come === null) return tiers;
  if (gone !== null && come !== null && gone.tier !== come.tier) return null;
  const index = tiers.findIndex(({ name }) => name === (come ?? gone)?.tier);
  const tier = tiers[index];
  if (tier === undefined) return null;
  const changed = {
    ...tier,
    ingress: changeList(tier.ingress, inDirection(gone, 'ingress'), inDirection(come, 'ingress')),
    egress: changeList(tier.egress, inDirection(gone, 'egress'), inDirection(come, 'egress')),
  };
  return changed.ingress.length + changed.egress.length === 0 ? null : tiers.with(index, changed);
}

function inDirection(policy: Policy | null, direction: 'ingress' | 'egress'): Policy | null {
  return policy !== null && appliesTo(policy, direction) ? policy : null;
}

function changeList(
  list: readonly Policy[],
  gone: Policy | null,
  come: Policy | null,
): readonly Policy[] {
  const at = gone === null ? -1 : list.indexOf(gone);
  // Mostly rules change, and the place among the others stays.
  if (gone !== null && come !== null && comparePolicies(gone, come) === 0)
    return list.with(at, come);
  const rest = at === -1 ? list : list.toSpliced(at, 1);
  return come === null ? rest : rest.toSpliced(placeOf(come, rest), 0, come);
}

// Where it stands in a list that is in order.
function placeOf(policy: Policy, list: readonly Policy[]): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = list[middle];
    if (other !== undefined && comparePolicies(other, policy) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
