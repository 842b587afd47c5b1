import { contentHash } from '../base/hash.ts';
import type { Selector } from './local-policy.ts';

const known = new WeakMap<Selector, string>();

/** The set of all addresses that `selector` selects. Equal canonical text, equal id. */
export function selectorSetId(selector: Selector): string {
  let id = known.get(selector);
  if (id === undefined) {
    id = `s-${contentHash(`s:${selector.text}`)}`;
    known.set(selector, id);
  }
  return id;
}

/**
 * The set of (address, protocol, port) of the endpoints that `selector` selects (null: all of them) under
 * any of the port names `names`, in whatever order; `protocol` null stands for TCP, UDP and SCTP alike. One
 * set for a whole list: a lookup a name could exceed the 128 expressions that the kernel allows a rule.
 */
export function namedPortSetId(
  selector: Selector | null,
  protocol: number | null,
  names: readonly string[],
): string {
  const listed = JSON.stringify(canonicalNames(names));
  return `n-${contentHash(`n:${protocol ?? 'any'}:${listed}:${selector?.text ?? 'all()'}`)}`;
}

/** Each name once, in order. */
export function canonicalNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
