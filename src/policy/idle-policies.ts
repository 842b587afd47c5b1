import { matchesSelector } from '../selector/match.ts';
import { selectorRequirement } from '../selector/requirement.ts';
import type { Requirement } from '../selector/requirement.ts';
import type { Policy } from '../resource/resource.ts';

type EffectiveLabels = ReadonlyMap<string, string>;
type Index = ReadonlyMap<string, ReadonlyMap<string, readonly EffectiveLabels[]>>;

// How much is looked at between two stops: well under a millisecond.
const STRIDE = 512;

/**
 * The policies whose selector none of `endpoints` (labels as selectors see them) matches, in the given
 * order. Stops every few hundred microseconds, for the caller to give way to other work.
 */
export function* findIdlePolicies(
  policies: readonly Policy[],
  endpoints: readonly EffectiveLabels[],
): Generator<undefined, readonly Policy[]> {
  const requirements = new Map(policies.map((one) => [one, selectorRequirement(one.selector)]));
  const index = yield* indexByLabel(endpoints, requiredKeys(requirements.values()));
  const idle: Policy[] = [];
  for (const [policy, requirement] of requirements) {
    const isIdle = yield* matchesNone(policy, candidates(requirement, endpoints, index));
    if (isIdle) idle.push(policy);
  }
  return idle;
}

function requiredKeys(requirements: Iterable<Requirement>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const requirement of requirements) if ('key' in requirement) keys.add(requirement.key);
  return keys;
}

function* indexByLabel(
  endpoints: readonly EffectiveLabels[],
  keys: ReadonlySet<string>,
): Generator<undefined, Index> {
  const index = new Map([...keys].map((key) => [key, new Map<string, EffectiveLabels[]>()]));
  for (const [i, labels] of endpoints.entries()) {
    if (i % STRIDE === 0) yield;
    for (const [key, value] of labels) {
      const byValue = index.get(key);
      const bucket = byValue?.get(value);
      if (bucket !== undefined) bucket.push(labels);
      else byValue?.set(value, [labels]);
    }
  }
  return index;
}

function candidates(
  requirement: Requirement,
  endpoints: readonly EffectiveLabels[],
  index: Index,
): readonly (readonly EffectiveLabels[])[] {
  switch (requirement.kind) {
    case 'none':
      return [endpoints];
    case 'never':
      return [];
    case 'has':
      return [...(index.get(requirement.key)?.values() ?? [])];
    case 'values':
      return requirement.values.flatMap((value) => {
        const bucket = index.get(requirement.key)?.get(value);
        return bucket === undefined ? [] : [bucket];
      });
  }
}

function* matchesNone(
  { selector }: Policy,
  buckets: readonly (readonly EffectiveLabels[])[],
): Generator<undefined, boolean> {
  let looked = 0;
  yield;
  for (const bucket of buckets) {
    for (const labels of bucket) {
      if (matchesSelector(selector, (key) => labels.get(key))) return false;
      looked += 1;
      if (looked % STRIDE === 0) yield;
    }
  }
  return true;
}
