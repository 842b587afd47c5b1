import { compareBytes } from '../base/byte-order.ts';
import { contentHash } from '../base/hash.ts';
import type { Chain, NamedSet, Rule, Ruleset } from './ruleset.ts';

const chainTexts = new WeakMap<Chain, string>();

/** A text that is equal for two chains exactly when the kernel would see no difference between them. */
export function canonicalChain(chain: Chain): string {
  const known = chainTexts.get(chain);
  if (known !== undefined) return known;
  const text = JSON.stringify([chain.name, chain.base, chain.rules], sortedMaps);
  chainTexts.set(chain, text);
  return text;
}

/** Whether two chains are the same for the kernel. */
export function sameChain(a: Chain, b: Chain): boolean {
  if (a === b) return true;
  if (a.name !== b.name || a.rules.length !== b.rules.length) return false;
  if (JSON.stringify(a.base) !== JSON.stringify(b.base)) return false;
  return a.rules.every((rule, index) => sameRule(rule, b.rules[index]));
}

// Long chains differ in a rule or two; the others are mostly the same objects.
function sameRule(a: Rule, b: Rule | undefined): boolean {
  return a === b || JSON.stringify(a, sortedMaps) === JSON.stringify(b, sortedMaps);
}

/** The whole ruleset as text, in an order that depends on its content alone. */
export function canonicalRuleset(ruleset: Ruleset): string {
  const chains = [...ruleset.chains.values()].map(canonicalChain).sort(compareBytes);
  const sets = [...ruleset.sets.values()].map(canonicalSet).sort(compareBytes);
  const counters = JSON.stringify([...ruleset.counters].sort(compareBytes));
  return [...chains, ...sets, counters].join('\n');
}

/** A short name for the content of a ruleset. */
export function rulesetHash(ruleset: Ruleset): string {
  return contentHash(canonicalRuleset(ruleset));
}

function canonicalSet({ name, family, kind, elements }: NamedSet): string {
  return JSON.stringify([name, family, kind, [...elements].sort(compareBytes)]);
}

function sortedMaps(_key: string, value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return [...(value as ReadonlyMap<string, unknown>)].sort(([a], [b]) => compareBytes(a, b));
}
