import { compareBytes } from '../base/byte-order.ts';
import type { Selector, SelectorNode } from './selector.ts';

/**
 * What labels must fulfil for a selector to have a chance. `none`: anything may match. `has`: the
 * key must be there. `values`: the key must have one of them (sorted bytewise). `never`: nothing
 * can match.
 */
export type Requirement =
  | { readonly kind: 'none' }
  | { readonly kind: 'has'; readonly key: string }
  | { readonly kind: 'values'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'never' };

const NONE: Requirement = { kind: 'none' };
const NEVER: Requirement = { kind: 'never' };

/**
 * The most selective single condition that every match of `selector` fulfils: an index looks
 * candidates up by it, then asks `matchesSelector`.
 */
export function selectorRequirement(selector: Selector): Requirement {
  return requirementOf(selector.root, true);
}

/** The requirement of `node`, or of its negation when `wanted` is false. */
function requirementOf(node: SelectorNode, wanted: boolean): Requirement {
  if ('key' in node) return labelRequirement(node, wanted);
  switch (node.kind) {
    case 'all':
    case 'global':
      return wanted ? NONE : NEVER;
    case 'not':
      return requirementOf(node.operand, !wanted);
    case 'and':
    case 'or': {
      const operands = node.operands.map((operand) => requirementOf(operand, wanted));
      return (node.kind === 'and') === wanted ? strictest(operands) : sharedOf(operands);
    }
  }
}

type LabelNode = Extract<SelectorNode, { readonly key: string }>;

function labelRequirement(node: LabelNode, wanted: boolean): Requirement {
  const isNegative = node.kind === 'not-equals' || node.kind === 'not-in';
  if (isNegative === wanted) return NONE;
  const { key } = node;
  if ('values' in node) {
    return node.values.length === 0 ? NEVER : { kind: 'values', key, values: node.values };
  }
  return node.kind === 'equals' || node.kind === 'not-equals'
    ? { kind: 'values', key, values: [node.value] }
    : { kind: 'has', key };
}

/** All hold, so the most selective one may stand for them; the first of equals. */
function strictest(requirements: readonly Requirement[]): Requirement {
  return requirements.reduce((a, b) => (breadth(b) < breadth(a) ? b : a), NONE);
}

/** A rough count of the label values that fulfil it. */
function breadth(requirement: Requirement): number {
  switch (requirement.kind) {
    case 'never':
      return 0;
    case 'values':
      return requirement.values.length;
    case 'has':
      return Number.MAX_SAFE_INTEGER;
    case 'none':
      return Number.POSITIVE_INFINITY;
  }
}

/** One of them holds: what can be said is what they share, a key and the union of its values. */
function sharedOf(requirements: readonly Requirement[]): Requirement {
  let key: string | null = null;
  let values: Set<string> | null = new Set();
  for (const requirement of requirements) {
    if (requirement.kind === 'never') continue;
    if (requirement.kind === 'none') return NONE;
    key ??= requirement.key;
    if (key !== requirement.key) return NONE;
    if (requirement.kind === 'has') values = null;
    else for (const value of requirement.values) values?.add(value);
  }
  if (key === null) return NEVER;
  if (values === null) return { kind: 'has', key };
  return { kind: 'values', key, values: [...values].sort(compareBytes) };
}
