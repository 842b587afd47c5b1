import type { Selector, SelectorNode } from './selector.ts';

/**
 * Calico's canonical text of a tree: it parses back to the same tree, and equal texts mean equal
 * selectors. A value with both kinds of quote cannot be written in the language; it comes out in
 * JSON's quoting, unique but not parsable.
 */
export function formatNode(node: SelectorNode): string {
  if ('operand' in node) return formatNot(node.operand);
  if ('operands' in node) return formatList(node);
  return formatLeaf(node);
}

/** The selector of a tree, with its canonical text. */
export function selectorOf(root: SelectorNode): Selector {
  return { text: formatNode(root), root };
}

/** A label value in the quotes that can hold it: double ones unless it contains such a quote. */
export function quoteValue(value: string): string {
  if (!value.includes('"')) return `"${value}"`;
  return value.includes("'") ? JSON.stringify(value) : `'${value}'`;
}

function formatNot(operand: SelectorNode): string {
  return operand.kind === 'not' ? formatNode(operand.operand) : `!${formatNode(operand)}`;
}

type ListNode = Extract<SelectorNode, { readonly operands: readonly SelectorNode[] }>;

function formatList({ kind, operands }: ListNode): string {
  const [first] = operands;
  if (first === undefined) return kind === 'and' ? 'all()' : '!all()';
  if (operands.length === 1) return formatNode(first);
  return `(${operands.map(formatNode).join(kind === 'and' ? ' && ' : ' || ')})`;
}

type Leaf = Exclude<SelectorNode, { readonly kind: 'not' | 'and' | 'or' }>;

function formatLeaf(node: Leaf): string {
  switch (node.kind) {
    case 'all':
    case 'global':
      return `${node.kind}()`;
    case 'has':
      return `has(${node.key})`;
    case 'equals':
      return `${node.key} == ${quoteValue(node.value)}`;
    case 'not-equals':
      return `${node.key} != ${quoteValue(node.value)}`;
    case 'contains':
      return `${node.key} contains ${quoteValue(node.value)}`;
    case 'starts-with':
      return `${node.key} starts with ${quoteValue(node.value)}`;
    case 'ends-with':
      return `${node.key} ends with ${quoteValue(node.value)}`;
    case 'in':
      return `${node.key} in {${node.values.map(quoteValue).join(', ')}}`;
    case 'not-in':
      return `${node.key} not in {${node.values.map(quoteValue).join(', ')}}`;
  }
}
