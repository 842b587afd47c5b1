import { endpointCounter, tierCounter, wouldDenyCounter } from '../compile/names.ts';
import type { Direction } from '../compile/names.ts';
import { policyRuleList, profileRuleList, ruleCounter } from '../compile/policy-rules.ts';
import type { RuleList } from '../compile/policy-rules.ts';
import type { Hits, PoliciesAnswer, PolicyView, StageView, TierView } from '../control/wire.ts';
import { ruleText } from '../explain/rule-text.ts';
import type {
  LocalEndpoint,
  LocalPolicy,
  LocalProfile,
  LocalTier,
} from '../policy/local-policy.ts';

/** What was counted under a name. */
export type HitsOf = (counter: string) => Hits | null;

type Stage = 'untracked' | 'preDNAT' | 'normal' | 'forward';

// In the order in which a packet meets them.
const STAGES: readonly (readonly [Stage, Direction])[] = [
  ['untracked', 'ingress'],
  ['preDNAT', 'ingress'],
  ['normal', 'ingress'],
  ['forward', 'ingress'],
  ['untracked', 'egress'],
  ['normal', 'egress'],
  ['forward', 'egress'],
];

/** What every endpoint asks, in the order of evaluation, with what was counted. */
export function policiesAnswer(policy: LocalPolicy, hitsOf: HitsOf): PoliciesAnswer {
  return {
    endpoints: policy.endpoints.map((endpoint) => ({
      name: endpoint.hostEndpoint.name,
      interfaces: endpoint.interfaces === '*' ? ['*'] : endpoint.interfaces,
      stages: STAGES.map(([stage, direction]) =>
        stageView({ endpoint, stage, direction, hitsOf }),
      ).filter(({ stage, tiers }) => stage === 'normal' || tiers.length > 0),
    })),
  };
}

interface Position {
  readonly endpoint: LocalEndpoint;
  readonly stage: Stage;
  readonly direction: Direction;
  readonly hitsOf: HitsOf;
}

function stageView(position: Position): StageView {
  const { endpoint, stage, direction, hitsOf } = position;
  const name = endpoint.hostEndpoint.name;
  const isNormal = stage === 'normal';
  const denied = (why: 'deny' | 'invalid'): string => endpointCounter(direction, name, why);
  return {
    stage,
    direction,
    tiers: endpoint[stage]
      .filter((tier) => tier[direction].length > 0)
      .map((tier) => tierView(tier, position)),
    profiles: isNormal
      ? endpoint.profiles.map((profile) => profileView(profile, direction, hitsOf))
      : [],
    denied: isNormal
      ? {
          undecided: hitsOf(denied('deny')),
          invalid: hitsOf(denied('invalid')),
        }
      : null,
    wouldDeny: isNormal
      ? {
          undecided: hitsOf(wouldDenyCounter(denied('deny'))),
          invalid: hitsOf(wouldDenyCounter(denied('invalid'))),
        }
      : null,
  };
}

function tierView(tier: LocalTier, { endpoint, stage, direction, hitsOf }: Position): TierView {
  const isFinal = stage === 'normal' || stage === 'forward';
  const defaultAction = isFinal ? tier.defaultAction : 'Pass';
  const end = tierCounter(direction, tier.name, endpoint.hostEndpoint.name);
  const denies = defaultAction === 'Deny';
  return {
    name: tier.name,
    defaultAction,
    enforcement: tier.enforcement,
    policies: tier[direction].map((policy) => {
      const { kind, namespace, displayName } = policy;
      const name = namespace === '' ? displayName : `${namespace}/${displayName}`;
      return listView(`${kind} ${name}`, policyRuleList(policy, direction), hitsOf);
    }),
    endHits: denies ? hitsOf(end) : null,
    endWouldDeny: denies ? hitsOf(wouldDenyCounter(end)) : null,
  };
}

function profileView(
  { name, profile }: LocalProfile,
  direction: Direction,
  hitsOf: HitsOf,
): PolicyView {
  if (!profile?.rules) return { name: `profile ${name} (missing: denies)`, rules: [] };
  return listView(`profile ${name}`, profileRuleList(profile, direction), hitsOf);
}

function listView(name: string, list: RuleList, hitsOf: HitsOf): PolicyView {
  return {
    name,
    rules: list.rules.map((rule, index) => ({
      index,
      action: rule.action,
      text: ruleText(rule),
      hits: hitsOf(ruleCounter(list, index)),
      wouldDeny: hitsOf(wouldDenyCounter(ruleCounter(list, index))),
    })),
  };
}
