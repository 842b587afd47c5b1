import type { RuleList } from '../compile/policy-rules.ts';
import { listOfPolicy, listOfProfile } from '../compile/shared-chains.ts';
import type { LocalEndpoint, LocalPolicy, Policy, Profile } from '../policy/local-policy.ts';

/** The rules of one direction of a policy or profile that an endpoint of this host is under. */
export interface ActiveRules {
  readonly owner: Policy | Profile;
  /** Empty for profiles. */
  readonly tier: string;
  readonly list: RuleList;
}

const memo = new WeakMap<LocalPolicy['endpoints'], readonly ActiveRules[]>();

/** All of them, each once however many endpoints and stages it is in force on; the same list for the same endpoints. */
export function activeRules(endpoints: LocalPolicy['endpoints']): readonly ActiveRules[] {
  const known = memo.get(endpoints);
  if (known !== undefined) return known;
  const active = collect(endpoints);
  memo.set(endpoints, active);
  return active;
}

function collect(endpoints: LocalPolicy['endpoints']): readonly ActiveRules[] {
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
  return [
    ...Array.from(ingress, (policy) => ofPolicy(policy, 'ingress')),
    ...Array.from(egress, (policy) => ofPolicy(policy, 'egress')),
    ...[...profiles].flatMap(ofProfile),
  ];
}

const ofPolicies = {
  ingress: new WeakMap<Policy, ActiveRules>(),
  egress: new WeakMap<Policy, ActiveRules>(),
};

// The same object for the same policy: others remember what they made of it.
function ofPolicy(policy: Policy, direction: 'ingress' | 'egress'): ActiveRules {
  const known = ofPolicies[direction].get(policy);
  if (known !== undefined) return known;
  const { list } = listOfPolicy(policy, direction);
  const active = { owner: policy, tier: policy.tier, list };
  ofPolicies[direction].set(policy, active);
  return active;
}

function ofProfile(profile: Profile): readonly ActiveRules[] {
  return (['ingress', 'egress'] as const).map((direction) => ({
    owner: profile,
    tier: '',
    list: listOfProfile(profile, direction).list,
  }));
}

// What is forwarded is policed by policies of the normal stage.
function tiersOf({ untracked, preDNAT, normal }: LocalEndpoint): LocalEndpoint['normal'] {
  return [...untracked, ...preDNAT, ...normal];
}
