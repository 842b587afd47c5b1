import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { selectorOf } from './format.ts';
import { parseTree } from './grammar.ts';
import type { Selector, SelectorError } from './selector.ts';
import { suggestSelector } from './suggest.ts';

/**
 * Parses a selector as Calico does; an empty or blank text selects everything. An error comes with
 * a `hint`, a selector that parses, where the mistake is a usual one (Kubernetes' own syntax, say).
 */
export function parseSelector(text: string): Result<Selector, SelectorError> {
  const root = parseTree(text);
  if (root.kind !== 'failure') return ok(selectorOf(root));
  const { offset, message } = root;
  return err({ offset, message, hint: suggestSelector(text) });
}
