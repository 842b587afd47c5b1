import { policyRuleList, profileRuleList } from '../compile/policy-rules.ts';
import type { RuleList } from '../compile/policy-rules.ts';
import type { LocalEndpoint, LocalPolicy, Policy, Profile } from '../policy/local-policy.ts';

/** The rules of one direction of a policy or profile that an endpoint of this host is under. */
export interface ActiveRules {
  readonly owner: Policy | Profile;
  /** Empty for profiles. */
  readonly tier: string;
  readonly list: RuleList;
}

/** All of them, each once however many endpoints and stages it is in force on. */
export function activeRules(endpoints: LocalPolicy['endpoints']): readonly ActiveRules[] {
  const ingress = new Set<Policy>();
  const egress = new Set<Policy>();
  const profiles = new Set<Profile>();
  for (const endpoint of endpoints) {
    for (const tier of tiersOf(endpoint)) {
      for (const policy of tier.ingress) ingress.add(policy);
      for (const policy of tier.egress) egress.add(policy);
    }
    for (const { profile } of endpoint.profiles) if (profile !== null) profiles.add(profile);
  }
  const ofPolicy = (policy: Policy, direction: 'ingress' | 'egress'): ActiveRules => ({
    owner: policy,
    tier: policy.tier,
    list: policyRuleList(policy, direction),
  });
  const ofProfile = (profile: Profile): readonly ActiveRules[] =>
    (['ingress', 'egress'] as const).map((direction) => ({
      owner: profile,
      tier: '',
      list: profileRuleList(profile, direction),
    }));
  return [
    ...[...ingress].map((policy) => ofPolicy(policy, 'ingress')),
    ...[...egress].map((policy) => ofPolicy(policy, 'egress')),
    ...[...profiles].flatMap(ofProfile),
  ];
}

// What is forwarded is policed by policies of the normal stage.
function tiersOf({ untracked, preDNAT, normal }: LocalEndpoint): LocalEndpoint['normal'] {
  return [...untracked, ...preDNAT, ...normal];
}
