import type { Policy, Tier } from '../resource/resource.ts';
import { comparePolicies, compareTiers } from './evaluation-order.ts';
import type { LocalTier } from './local-policy.ts';

/** The four tier sequences of one endpoint. */
export interface LocalTiers {
  readonly untracked: readonly LocalTier[];
  readonly preDNAT: readonly LocalTier[];
  readonly normal: readonly LocalTier[];
  readonly forward: readonly LocalTier[];
}

/**
 * Sorts the policies that select an endpoint into tiers and stages. A policy is untracked, else pre-DNAT
 * (ingress only), else normal and, with applyOnForward, forward as well. Policies of a tier that does not
 * exist come last and deny at the end.
 */
export function arrangeTiers(
  policies: Iterable<Policy>,
  tiers: ReadonlyMap<string, Tier>,
): LocalTiers {
  const arranged = [...groupByTier(policies)].map(([name, members]) => ({
    name,
    tier: tiers.get(name) ?? null,
    policies: members.sort(comparePolicies),
  }));
  arranged.sort(compareTiers);
  const stage = (belongs: (policy: Policy) => boolean, endsInPass: boolean): readonly LocalTier[] =>
    arranged.flatMap(({ name, tier, policies: ordered }) => {
      const members = ordered.filter(belongs);
      const defaultAction = endsInPass ? 'Pass' : (tier?.defaultAction ?? 'Deny');
      const ingress = members.filter(({ appliesToIngress }) => appliesToIngress);
      const egress = members.filter(appliesToEgress);
      const enforcement = tier?.enforcement ?? 'enforce';
      return ingress.length + egress.length === 0
        ? []
        : [{ name, defaultAction, enforcement, ingress, egress }];
    });
  return {
    untracked: stage(isUntracked, true),
    preDNAT: stage(isPreDNAT, true),
    normal: stage(isNormal, false),
    forward: stage((policy) => isNormal(policy) && policy.applyOnForward, false),
  };
}

function groupByTier(policies: Iterable<Policy>): ReadonlyMap<string, Policy[]> {
  const byTier = new Map<string, Policy[]>();
  for (const policy of policies) {
    const members = byTier.get(policy.tier);
    if (members === undefined) byTier.set(policy.tier, [policy]);
    else members.push(policy);
  }
  return byTier;
}

function appliesToEgress(policy: Policy): boolean {
  return policy.appliesToEgress && !isPreDNAT(policy);
}

function isUntracked(policy: Policy): boolean {
  return policy.doNotTrack;
}

function isPreDNAT(policy: Policy): boolean {
  return policy.preDNAT && !policy.doNotTrack;
}

function isNormal(policy: Policy): boolean {
  return !policy.doNotTrack && !policy.preDNAT;
}
