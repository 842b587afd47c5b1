import { deciders } from './deciders.ts';
import type { Explanation } from './explain.ts';
import type { Step } from './step.ts';

/**
 * Why the verdict is what it is, in one line; null when there is nothing to say. An allowed packet may have been
 * allowed by several stages; each of them had to agree.
 */
export function decisiveReason(trail: readonly Step[], verdict: 'allow' | 'deny'): string | null {
  const isMeant = (step: Step): boolean => step.kind === 'stage-end' && step.outcome === verdict;
  const reasons = deciders(trail, isMeant);
  if (reasons.length > 0) return reasons.join('; ');
  if (trail.some((step) => step.kind === 'observed' && step.by === 'host'))
    return 'this host observes';
  return verdict === 'allow' ? 'nothing denies it' : null;
}

/** The same for the verdict that enforcing gives. */
export function enforcedReason({ enforced, wouldDeny, trail }: Explanation): string {
  const [observed] = wouldDeny;
  return observed ?? decisiveReason(trail, enforced) ?? '';
}
