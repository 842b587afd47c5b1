import type { SetLookup, Step } from '../explain/step.ts';

/** The members of sets that rules on the way matched, each once, in order. */
export function matchedMembers(
  trail: readonly Step[],
): readonly (Pick<SetLookup, 'setId' | 'description'> & { readonly member: string })[] {
  const found = new Map<string, { setId: string; description: string; member: string }>();
  for (const step of trail) {
    if (step.kind !== 'policy' && step.kind !== 'profile') continue;
    for (const { lookups } of step.rules)
      for (const { setId, description, member } of lookups)
        if (member !== null) found.set(`${setId} ${member}`, { setId, description, member });
  }
  return [...found.values()];
}
