import { endpointCounter, tierCounter, wouldDenyCounter } from '../compile/names.ts';
import type { Direction } from '../compile/names.ts';
import { policyRuleList, profileRuleList, ruleCounter } from '../compile/policy-rules.ts';
import type { Explanation } from '../explain/explain.ts';
import type { RuleStep, Step } from '../explain/step.ts';
import type { LocalEndpoint, LocalPolicy } from '../policy/local-policy.ts';
import { nftRuleText } from '../ruleset/nft-text.ts';
import { chainReferences } from '../ruleset/references.ts';
import type { Rule, Ruleset } from '../ruleset/ruleset.ts';

/** An nftables rule behind a decision. */
export interface DecisiveRule {
  readonly chain: string;
  readonly rule: string;
  readonly counter: string;
}

interface Place {
  readonly endpoint: string;
  readonly direction: Direction;
}

/**
 * The nftables rules that carry out the steps by which stages decided as the verdict says, or would have denied but for
 * somebody observing, in their order.
 */
export function decisiveRules(
  { trail, verdict, packet }: Explanation,
  policy: LocalPolicy,
  { chains }: Pick<Ruleset, 'chains'>,
): readonly DecisiveRule[] {
  const counters = new Set<string>();
  let place: Place = { endpoint: '', direction: 'ingress' };
  for (const [i, step] of trail.entries()) {
    if (step.kind === 'stage') place = step;
    const isObserved = step.kind === 'observed';
    if (!isObserved && (step.kind !== 'stage-end' || step.outcome !== verdict)) continue;
    const decisive = trail[i - 1];
    const counter = decisive === undefined ? null : counterOf(decisive, place, policy);
    if (counter !== null) counters.add(isObserved ? wouldDenyCounter(counter) : counter);
  }
  return [...counters].flatMap((counter) => rulesWith(counter, packet.family, chains));
}

function counterOf(step: Step, place: Place, policy: LocalPolicy): string | null {
  const { endpoint, direction } = place;
  if (step.kind === 'policy') return policyCounter(step, place, policy);
  if (step.kind === 'profile') return profileCounter(step, place, policy);
  if (step.kind === 'end-of-tier') return tierCounter(direction, step.tier, endpoint);
  if (step.kind === 'final-deny') return endpointCounter(direction, endpoint, 'deny');
  const isInvalid = step.kind === 'conntrack' && step.outcome === 'Deny';
  return isInvalid ? endpointCounter(direction, endpoint, 'invalid') : null;
}

function policyCounter(
  step: Extract<Step, { readonly kind: 'policy' }>,
  { endpoint, direction }: Place,
  policy: LocalPolicy,
): string | null {
  const found = endpointNamed(endpoint, policy)
    .flatMap(({ untracked, preDNAT, normal, forward }) => [
      ...untracked,
      ...preDNAT,
      ...normal,
      ...forward,
    ])
    .flatMap((tier) => tier[direction])
    .find(({ kind, namespace, displayName }) => {
      const name = namespace === '' ? displayName : `${namespace}/${displayName}`;
      return `${kind} ${name}` === step.policy;
    });
  if (found === undefined) return null;
  return decidingCounter(step.rules, (index) =>
    ruleCounter(policyRuleList(found, direction), index),
  );
}

function profileCounter(
  step: Extract<Step, { readonly kind: 'profile' }>,
  { endpoint, direction }: Place,
  policy: LocalPolicy,
): string | null {
  const profile = endpointNamed(endpoint, policy)
    .flatMap(({ profiles }) => profiles)
    .find(({ name }) => name === step.name)?.profile;
  if (!profile) return endpointCounter(direction, endpoint, 'deny');
  return decidingCounter(step.rules, (index) =>
    ruleCounter(profileRuleList(profile, direction), index),
  );
}

function decidingCounter(
  rules: readonly RuleStep[],
  counter: (index: number) => string,
): string | null {
  const rule = rules.findLast(({ matched, action }) => matched && action !== 'Log');
  return rule === undefined ? null : counter(rule.index);
}

function endpointNamed(name: string, { endpoints }: LocalPolicy): readonly LocalEndpoint[] {
  return endpoints.filter(({ hostEndpoint }) => hostEndpoint.name === name);
}

function rulesWith(
  counter: string,
  family: 4 | 6,
  chains: Ruleset['chains'],
): readonly DecisiveRule[] {
  return [...chains.values()]
    .filter((chain) => chainReferences(chain).counters.has(counter))
    .flatMap(({ name, rules }) =>
      rules
        .filter((rule) => counts(rule, counter) && isOf(family, rule))
        .map((rule) => ({ chain: name, rule: nftRuleText(rule), counter })),
    );
}

function counts({ statements }: Rule, counter: string): boolean {
  return statements.some((one) => one.kind === 'counter' && one.name === counter);
}

function isOf(family: 4 | 6, { matches }: Rule): boolean {
  return matches.every((match) => !('family' in match) || match.family === family);
}
