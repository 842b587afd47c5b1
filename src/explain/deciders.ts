import { decisiveText } from './describe-step.ts';
import type { Step } from './step.ts';

/** What decided before each of the steps that are meant, in words: `GlobalNetworkPolicy no-ssh ingress[0] Deny`. */
export function deciders(
  trail: readonly Step[],
  isMeant: (step: Step) => boolean,
): readonly string[] {
  const reasons: string[] = [];
  let direction: 'ingress' | 'egress' = 'ingress';
  for (const [i, step] of trail.entries()) {
    if (step.kind === 'stage') direction = step.direction;
    const previous = trail[i - 1];
    const text = isMeant(step) && previous !== undefined ? decisiveText(previous, direction) : null;
    if (text !== null) reasons.push(text);
  }
  return reasons;
}
