import type { Policy, Tier } from '../resource/resource.ts';
import { comparePolicies, compareTiers } from './evaluation-order.ts';
import type { LocalTier } from './local-policy.ts';

/** Where policies of an endpoint are asked. */
export const STAGES = ['untracked', 'preDNAT', 'normal', 'forward'] as const;

export type Stage = (typeof STAGES)[number];

/** The four tier sequences of one endpoint. */
export type LocalTiers = Readonly<Record<Stage, readonly LocalTier[]>>;

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
  const placed = (stage: Stage, endsInPass: boolean): readonly LocalTier[] =>
    arranged.flatMap(({ name, tier, policies: ordered }) => {
      const members = ordered.filter((policy) => belongsTo(policy, stage));
      const defaultAction = endsInPass ? 'Pass' : (tier?.defaultAction ?? 'Deny');
      const ingress = members.filter((policy) => appliesTo(policy, 'ingress'));
      const egress = members.filter((policy) => appliesTo(policy, 'egress'));
      const enforcement = tier?.enforcement ?? 'enforce';
      return ingress.length + egress.length === 0
        ? []
        : [{ name, defaultAction, enforcement, ingress, egress }];
    });
  return {
    untracked: placed('untracked', true),
    preDNAT: placed('preDNAT', true),
    normal: placed('normal', false),
    forward: placed('forward', false),
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

/** Whether the rules of a direction of this policy are asked at all; pre-DNAT policy is for what comes in. */
export function appliesTo(policy: Policy, direction: 'ingress' | 'egress'): boolean {
  return direction === 'ingress'
    ? policy.appliesToIngress
    : policy.appliesToEgress && !isPreDNAT(policy);
}

/** Whether a policy is asked in a stage. */
export function belongsTo(policy: Policy, stage: Stage): boolean {
  const isNormal = !policy.doNotTrack && !policy.preDNAT;
  switch (stage) {
    case 'untracked':
      return policy.doNotTrack;
    case 'preDNAT':
      return isPreDNAT(policy);
    case 'normal':
      return isNormal;
    case 'forward':
      return isNormal && policy.applyOnForward;
  }
}

function isPreDNAT(policy: Policy): boolean {
  return policy.preDNAT && !policy.doNotTrack;
}
