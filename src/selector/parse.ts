import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { selectorOf } from './format.ts';
import { parseTree } from './grammar.ts';
import type { Selector, SelectorError } from './selector.ts';
import { suggestSelector } from './suggest.ts';

// A policy that changes has the selectors it had, each of which is read several times.
const MOST_KNOWN = 2_000;
const LONGEST_KNOWN = 500;
const known = new Map<string, Result<Selector, never>>();

/**
 * Parses a selector as Calico does; an empty or blank text selects everything. An error comes with
 * a `hint`, a selector that parses, where the mistake is a usual one (Kubernetes' own syntax, say).
 */
export function parseSelector(text: string): Result<Selector, SelectorError> {
  const before = known.get(text);
  if (before !== undefined) return before;
  const root = parseTree(text);
  if (root.kind !== 'failure') return remembered(text, ok(selectorOf(root)));
  const { offset, message } = root;
  return err({ offset, message, hint: suggestSelector(text) });
}

function remembered(text: string, result: Result<Selector, never>): Result<Selector, never> {
  if (text.length > LONGEST_KNOWN) return result;
  if (known.size === MOST_KNOWN) known.clear();
  known.set(text, result);
  return result;
}
