import type { Labels } from '../../../src/policy/local-policy.ts';
import type { ResourceUpdate } from '../../../src/resource/resource.ts';

interface Labelled {
  readonly labels: Labels;
  readonly profiles: readonly string[];
}

/** Answers the labels that selectors see: an object's own, over those that its profiles hand down. */
export function labelsReader(
  updates: readonly ResourceUpdate[],
): (object: Labelled) => ReadonlyMap<string, string> {
  const profiles = new Map(
    updates.flatMap(({ resource }) =>
      resource?.kind === 'Profile' ? [[resource.name, resource.labelsToApply] as const] : [],
    ),
  );
  return ({ labels, profiles: names }) =>
    new Map(
      [...names.map((name) => profiles.get(name) ?? {}), labels].flatMap(Object.entries<string>),
    );
}
