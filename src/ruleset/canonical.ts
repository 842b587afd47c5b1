import { compareBytes } from '../base/byte-order.ts';
import { contentHash } from '../base/hash.ts';
import type { Chain, NamedSet, Ruleset, Verdict } from './ruleset.ts';

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
  return a === b || sameData(a, b);
}

/** Whether two verdicts are the same for the kernel. */
export function sameVerdict(a: Verdict, b: Verdict): boolean {
  return sameData(a, b);
}

// Plain data; maps are the same in whatever order their entries are. Long chains differ in a rule or two, the other
// rules are mostly the same objects.
function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  if (a instanceof Map) return b instanceof Map && sameEntries(a, b);
  return !Array.isArray(b) && !(b instanceof Map) && sameFields(a, b);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => sameData(item, b[index]));
}

function sameEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !sameData(value, b.get(key))) return false;
  return true;
}

function sameFields(a: object, b: object): boolean {
  const keys = Object.keys(a) as (keyof typeof a)[];
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameData(a[key], b[key]));
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
