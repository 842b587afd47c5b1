import type { LocalProfile, LocalTier, MemberSet, Policy, Rule } from '../policy/local-policy.ts';
import { matchRule } from './match-rule.ts';
import type { SeenPacket } from './seen-packet.ts';
import type { Direction, PolicyOutcome, RuleStep, Stage, Step } from './step.ts';

/** What policies are asked about. */
export interface Question {
  readonly stage: Stage;
  readonly direction: Direction;
  readonly packet: SeenPacket;
  readonly sets: ReadonlyMap<string, MemberSet>;
}

type Trail = (step: Step) => void;

/**
 * Asks tier after tier: Allow and Deny end the search, Pass and a tier that passes at its end lead to the
 * next tier. In the normal and forward stages a tier with a policy of this direction denies at its end
 * unless its default is Pass. What a tier that observes would deny is told, and the next tier is asked. Null: no tier
 * decided.
 */
export function judgeTiers(
  tiers: readonly LocalTier[],
  question: Question,
  trail: Trail,
): 'allow' | 'deny' | null {
  for (const tier of tiers) {
    const verdict = judgeTier(tier, question, trail);
    if (verdict !== null) return verdict;
  }
  return null;
}

function judgeTier(tier: LocalTier, question: Question, trail: Trail): 'allow' | 'deny' | null {
  const policies = tier[question.direction].filter(({ kind }) => !kind.startsWith('Staged'));
  if (policies.length === 0) return null;
  const { stage } = question;
  const defaultAction = stage === 'normal' || stage === 'forward' ? tier.defaultAction : 'Pass';
  trail({ kind: 'tier', name: tier.name, defaultAction, enforcement: tier.enforcement });
  for (const policy of policies) {
    const { outcome, rules } = judgeRules(policy[question.direction], question);
    trail({ kind: 'policy', policy: policyName(policy), outcome, rules });
    if (outcome === 'Allow') return 'allow';
    if (outcome === 'Deny') return denyIn(tier, trail);
    if (outcome === 'Pass') return null;
  }
  trail({ kind: 'end-of-tier', tier: tier.name, action: defaultAction });
  return defaultAction === 'Deny' ? denyIn(tier, trail) : null;
}

// A tier that observes must not deny more than it will: going on to the next tier could only deny as well.
function denyIn({ name, enforcement }: LocalTier, trail: Trail): 'deny' | null {
  if (enforcement === 'enforce') return 'deny';
  trail({ kind: 'observed', by: 'tier', tier: name });
  return null;
}

/** Asks profile after profile; one that cannot be read denies, Pass only leads to the next. */
export function judgeProfiles(
  profiles: readonly LocalProfile[],
  question: Question,
  trail: Trail,
): 'allow' | 'deny' | null {
  for (const { name, profile } of profiles) {
    const rulesOf = profile?.rules ?? null;
    if (rulesOf === null) {
      trail({ kind: 'profile', name, outcome: 'missing', rules: [] });
      return 'deny';
    }
    const { outcome, rules } = judgeRules(rulesOf[question.direction], question);
    trail({ kind: 'profile', name, outcome, rules });
    if (outcome === 'Allow') return 'allow';
    if (outcome === 'Deny') return 'deny';
  }
  return null;
}

function judgeRules(
  rules: readonly Rule[],
  { packet, sets }: Question,
): { readonly outcome: PolicyOutcome; readonly rules: readonly RuleStep[] } {
  const steps: RuleStep[] = [];
  for (const [index, rule] of rules.entries()) {
    const { because, lookups } = matchRule(rule, packet, sets);
    const { action } = rule;
    steps.push({ kind: 'rule', index, action, matched: because === null, because, lookups });
    if (because === null && action !== 'Log') return { outcome: action, rules: steps };
  }
  return { outcome: rules.length === 0 ? 'no-rules' : 'no-match', rules: steps };
}

/** A policy as explanations name it. */
export function policyName({ kind, namespace, displayName }: Policy): string {
  return namespace === '' ? `${kind} ${displayName}` : `${kind} ${namespace}/${displayName}`;
}
