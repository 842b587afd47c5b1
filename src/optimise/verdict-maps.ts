import type { Chain, Rule } from '../ruleset/ruleset.ts';
import { FEWEST_RULES } from './address-runs.ts';
import type { BranchKey, BranchPoint } from './branch-point.ts';

/** A lookup and a jump cost as much as about this many rules. */
const LOOKUP_COST = 3;

/** Rules that follow each other, and which of them are for which key, or null where they are to be walked. */
export interface Stretch {
  readonly rules: readonly Rule[];
  readonly buckets: readonly Bucket[] | null;
}

/** How rules would be put under the keys of one branch point. */
export interface Plan {
  readonly stretches: readonly Stretch[];
  /** The most rules a packet walks. */
  readonly cost: number;
}

/** Rules under one key. */
export interface Bucket {
  readonly key: BranchKey;
  readonly rules: Rule[];
}

/** The plan for one branch point; `subjects` are those of the rules. */
export function planOf(
  rules: readonly Rule[],
  subjects: readonly (Rule | Chain)[],
  point: BranchPoint,
): Plan {
  const keys = subjects.map((subject) => point.keysOf(subject));
  const stretches: Stretch[] = [];
  let walked = 0;
  let cost = 0;
  for (let from = 0; from < rules.length;) {
    const to = endOfRun(keys, from);
    if (to - from >= FEWEST_RULES) {
      if (walked < from) stretches.push({ rules: rules.slice(walked, from), buckets: null });
      const run = rules.slice(from, to);
      const buckets = bucketsOf(run, keys.slice(from, to));
      stretches.push({ rules: run, buckets });
      cost += LOOKUP_COST + fullestBucket(buckets);
      walked = to;
    } else cost += Math.max(1, to - from);
    from = Math.max(to, from + 1);
  }
  if (walked < rules.length) stretches.push({ rules: rules.slice(walked), buckets: null });
  return { stretches, cost };
}

/** A key, and the chain that it leads to. */
export type Entry = readonly [BranchKey, string];

function endOfRun(keys: readonly (readonly BranchKey[] | null)[], from: number): number {
  let end = from;
  while (end < keys.length && keys[end] !== null) end++;
  return end;
}

function fullestBucket(buckets: readonly Bucket[]): number {
  return buckets.reduce((most, { rules }) => Math.max(most, rules.length), 0);
}

function bucketsOf(
  rules: readonly Rule[],
  keys: readonly (readonly BranchKey[] | null)[],
): readonly Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const [i, rule] of rules.entries()) {
    for (const key of keys[i] ?? []) {
      const bucket = buckets.get(key.id);
      if (bucket === undefined) buckets.set(key.id, { key, rules: [rule] });
      else bucket.rules.push(rule);
    }
  }
  return [...buckets.values()];
}

/** One rule for each field that the keys look at. */
export function mapRules(entries: readonly Entry[]): readonly Rule[] {
  const maps = new Map<string, { readonly key: BranchKey; readonly chains: Map<string, string> }>();
  for (const [key, chain] of entries) {
    let map = maps.get(key.map);
    if (map === undefined) {
      map = { key, chains: new Map<string, string>() };
      maps.set(key.map, map);
    }
    map.chains.set(key.key, chain);
  }
  return [...maps.values()].map(({ key: { matches, field }, chains }) => ({
    comment: '',
    matches,
    statements: [{ kind: 'verdict', verdict: { kind: 'branch', field, chains } }],
  }));
}
