import { selectorOf } from './format.ts';
import type { Selector, SelectorNode } from './selector.ts';

/** Selects everything. */
export const allSelector: Selector = selectorOf({ kind: 'all' });

/** Selects what both select. */
export function andSelectors(a: Selector, b: Selector): Selector {
  if (a.root.kind === 'all' || a.text === b.text) return b;
  if (b.root.kind === 'all') return a;
  return selectorOf({ kind: 'and', operands: [...conjuncts(a.root), ...conjuncts(b.root)] });
}

/** Selects what `a` does not select. */
export function notSelector(a: Selector): Selector {
  return selectorOf(a.root.kind === 'not' ? a.root.operand : { kind: 'not', operand: a.root });
}

/**
 * Puts `prefix` before every label key, as Calico does with namespace selectors (`pcns.`) and
 * service-account selectors (`pcsa.`); `all()` and `global()` stay as they are.
 */
export function prefixLabels(selector: Selector, prefix: string): Selector {
  return selectorOf(prefixNode(selector.root, prefix));
}

/** Whether `global()` occurs anywhere in the selector. */
export function mentionsGlobal(selector: Selector): boolean {
  return nodeMentionsGlobal(selector.root);
}

function conjuncts(node: SelectorNode): readonly SelectorNode[] {
  return node.kind === 'and' ? node.operands : [node];
}

function prefixNode(node: SelectorNode, prefix: string): SelectorNode {
  if ('key' in node) return { ...node, key: prefix + node.key };
  switch (node.kind) {
    case 'all':
    case 'global':
      return node;
    case 'not':
      return { kind: 'not', operand: prefixNode(node.operand, prefix) };
    case 'and':
    case 'or':
      return {
        kind: node.kind,
        operands: node.operands.map((operand) => prefixNode(operand, prefix)),
      };
  }
}

function nodeMentionsGlobal(node: SelectorNode): boolean {
  if ('operand' in node) return nodeMentionsGlobal(node.operand);
  if ('operands' in node) return node.operands.some(nodeMentionsGlobal);
  return node.kind === 'global';
}
