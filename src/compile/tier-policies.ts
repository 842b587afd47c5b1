import { differingPart } from '../base/differing-part.ts';
import type { Policy } from '../policy/local-policy.ts';
import type { Rule } from '../ruleset/ruleset.ts';
import type { Direction } from './names.ts';
import { compileRuleList, leavesTier } from './policy-rules.ts';
import type { ActionStyle } from './policy-rules.ts';
import { listOfPolicy, sharedChain } from './shared-chains.ts';
import type { SharedChain, SharedContext } from './shared-chains.ts';

/** The policies of a tier in one direction, in order, as rules of the tier's chain. */
export interface TierPolicies {
  readonly policies: readonly Policy[];
  readonly rules: readonly Rule[];
  /** The chains that the rules lead to. */
  readonly shared: readonly SharedChain[];
  /** Where each policy is one rule and one chain, in the same order: what that was compiled for. */
  readonly aligned: { readonly context: SharedContext; readonly deny: ActionStyle['deny'] } | null;
}

/** How the policies of a tier are carried out. */
export interface TierStyle {
  readonly direction: Direction;
  /** In the tier's own chain. */
  readonly own: ActionStyle;
  /** In chains that tiers and endpoints share. */
  readonly shared: ActionStyle;
}

/**
 * Compiles the policies of a tier. Of what was compiled before only the stretch is looked at in which its policies
 * differ.
 */
export function compileTierPolicies(
  policies: readonly Policy[],
  style: TierStyle,
  { context, before }: { readonly context: SharedContext; readonly before: TierPolicies | null },
): TierPolicies {
  const isUsable = before !== null && isFor(before, style, context);
  const { start, beforeEnd, afterEnd } = isUsable
    ? differingPart(before.policies, policies)
    : { start: 0, beforeEnd: 0, afterEnd: policies.length };
  if (isUsable && start === beforeEnd && start === afterEnd) return before;
  const part = compileAll(policies.slice(start, afterEnd), style, context);
  if (!isUsable) return { policies, ...part };
  if (part.aligned === null) return { policies, ...compileAll(policies, style, context) };
  return {
    policies,
    rules: before.rules.toSpliced(start, beforeEnd - start, ...part.rules),
    shared: before.shared.toSpliced(start, beforeEnd - start, ...part.shared),
    aligned: part.aligned,
  };
}

function isFor(
  { aligned }: TierPolicies,
  { own }: TierStyle,
  { settings, names }: SharedContext,
): boolean {
  return (
    aligned?.context.settings === settings &&
    aligned.context.names.meaning === names.meaning &&
    aligned.deny === own.deny
  );
}

function compileAll(
  policies: readonly Policy[],
  style: TierStyle,
  context: SharedContext,
): Omit<TierPolicies, 'policies'> {
  const rules: Rule[] = [];
  const shared: SharedChain[] = [];
  for (const policy of policies) {
    const known = listOfPolicy(policy, style.direction);
    if (leavesTier(known.list, style.own))
      rules.push(...compileRuleList(known.list, style.own, context.names, context.settings));
    else {
      const chain = sharedChain(known, style.shared, context);
      shared.push(chain);
      rules.push(chain.jump);
    }
  }
  const isAligned = shared.length === policies.length;
  return { rules, shared, aligned: isAligned ? { context, deny: style.own.deny } : null };
}
