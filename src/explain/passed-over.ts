import type { Policy } from '../policy/local-policy.ts';
import type { Explanation } from './explain.ts';
import { policyName } from './judge-policies.ts';
import type { Direction, Stage } from './step.ts';

/** A policy of the datastore, and whether it selects the host endpoint in question. */
export interface Candidate {
  readonly policy: Policy;
  readonly isSelected: boolean;
}

/** A policy that was not asked where an endpoint was, and why. */
export interface PassedOver {
  readonly stage: Stage;
  readonly direction: Direction;
  readonly policy: string;
  readonly reason: string;
}

/** The policies that the stages of an explanation did not ask, in the order of the candidates. */
export function passedOver(
  { trail }: Pick<Explanation, 'trail'>,
  candidatesOf: (endpoint: string) => readonly Candidate[],
): readonly PassedOver[] {
  return trail.flatMap((step) => {
    if (step.kind !== 'stage') return [];
    const { stage, direction } = step;
    return candidatesOf(step.endpoint).flatMap((candidate) => {
      const reason = whyNot(candidate, stage, direction);
      return reason === null
        ? []
        : [{ stage, direction, policy: policyName(candidate.policy), reason }];
    });
  });
}

function whyNot(
  { policy, isSelected }: Candidate,
  stage: Stage,
  direction: Direction,
): string | null {
  if (policy.kind.startsWith('Staged')) return 'staged policies are not enforced';
  if (!isSelected) return `its selector ${policy.selector.text} does not match the host endpoint`;
  const own = policy.doNotTrack ? 'untracked' : policy.preDNAT ? 'preDNAT' : 'normal';
  const isOfStage = stage === 'forward' ? own === 'normal' : own === stage;
  if (!isOfStage) return `it is a policy of the ${own} stage`;
  if (stage === 'forward' && !policy.applyOnForward) return 'it does not say applyOnForward: true';
  const isOfDirection = direction === 'ingress' ? policy.appliesToIngress : policy.appliesToEgress;
  if (isOfDirection) return null;
  return `its types do not include ${direction === 'ingress' ? 'Ingress' : 'Egress'}`;
}
