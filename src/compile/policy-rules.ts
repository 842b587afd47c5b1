import type { Policy, Profile, Rule as PolicyRule } from '../policy/local-policy.ts';
import type { Match, Rule, Statement, Verdict } from '../ruleset/ruleset.ts';
import { expandLogPrefix } from './log-prefix.ts';
import type { LogSubject } from './log-prefix.ts';
import { marksOf, setMark } from './marks.ts';
import { objectName, policyParts, ruleComment, shortKind, wouldDenyCounter } from './names.ts';
import type { Direction } from './names.ts';
import { ruleConditions } from './rule-conditions.ts';
import type { SetNames } from './set-names.ts';
import type { CompileSettings } from './settings.ts';

/** What an Allow means to the hooks that follow. */
export type Stage = 'untracked' | 'preDNAT' | 'filter';

/** How the actions of a list of rules are carried out. */
export interface ActionStyle {
  readonly stage: Stage;
  /**
   * `drop` where the kernel refuses reject (postrouting), whatever DenyAction says. `return`: the tier observes, so a
   * Deny is counted and leaves the tier, whose own chain the rule has to stand in.
   */
  readonly deny: 'drop' | 'reject' | 'return';
}

/** A list of rules and who they belong to. */
export interface RuleList {
  readonly direction: Direction;
  readonly rules: readonly PolicyRule[];
  /** Parts of chain and counter names. */
  readonly nameParts: readonly string[];
  readonly log: LogSubject;
}

/** The rules of a policy for one direction. */
export function policyRuleList(policy: Policy, direction: Direction): RuleList {
  return {
    direction,
    rules: policy[direction],
    nameParts: policyParts(policy),
    log: {
      tier: policy.tier,
      kind: shortKind(policy),
      name: policy.name,
      namespace: policy.namespace,
    },
  };
}

/** The rules of a profile for one direction; none when the profile cannot be honoured. */
export function profileRuleList(profile: Profile, direction: Direction): RuleList {
  return {
    direction,
    rules: profile.rules?.[direction] ?? [],
    nameParts: ['pro', profile.name],
    log: { tier: '', kind: 'pro', name: profile.name, namespace: '' },
  };
}

/** The counter of one rule: it counts in every stage and on every endpoint, and survives rewrites. */
export function ruleCounter({ direction, nameParts }: RuleList, index: number): string {
  return objectName(direction, ...nameParts, String(index));
}

/** The nftables rules of a rule list, in order. */
export function compileRuleList(
  list: RuleList,
  style: ActionStyle,
  names: SetNames,
  settings: CompileSettings,
): readonly Rule[] {
  return list.rules.flatMap((rule, index) => {
    const statements = actionStatements(rule, list, style, settings);
    const isObserved = rule.action === 'Deny' && style.deny === 'return';
    const name = ruleCounter(list, index);
    const counter: Statement = {
      kind: 'counter',
      name: isObserved ? wouldDenyCounter(name) : name,
    };
    const comment = ruleComment(`${list.nameParts.join(' ')} ${list.direction} ${index}`);
    const limit = rule.action === 'Log' ? logLimit(settings) : [];
    return ruleConditions(rule, names, rule.action === 'Log').map((matches) => ({
      comment,
      matches: [...matches, ...limit],
      statements: [counter, ...statements],
    }));
  });
}

/** Whether a rule leaves the tier: then they have to stand in its own chain, for `return` to leave that. */
export function leavesTier({ rules }: RuleList, { deny }: ActionStyle): boolean {
  return rules.some(
    ({ action, neverMatches }) =>
      neverMatches === null && (action === 'Pass' || (action === 'Deny' && deny === 'return')),
  );
}

function actionStatements(
  { action }: PolicyRule,
  list: RuleList,
  style: ActionStyle,
  settings: CompileSettings,
): readonly Statement[] {
  switch (action) {
    case 'Allow':
      return allowStatements(style.stage, settings);
    case 'Deny':
      return [verdict({ kind: style.deny })];
    case 'Pass':
      return [verdict({ kind: 'return' })];
    case 'Log':
      return [{ kind: 'log', prefix: expandLogPrefix(settings.logPrefix, list.log) }];
  }
}

function allowStatements(stage: Stage, settings: CompileSettings): readonly Statement[] {
  const mark = setMark(marksOf(settings.markMask).allowed);
  const accept = verdict({ kind: 'accept' });
  switch (stage) {
    case 'untracked':
      return [mark, { kind: 'notrack' }, accept];
    case 'preDNAT':
      return [mark, accept];
    case 'filter':
      return [accept];
  }
}

/** A verdict as a statement. */
export function verdict(value: Verdict): Statement {
  return { kind: 'verdict', verdict: value };
}

// After the match, so that only packets that match use up the allowance.
function logLimit({ logRateLimit }: CompileSettings): readonly Match[] {
  return logRateLimit === null ? [] : [{ kind: 'limit', ...logRateLimit }];
}
