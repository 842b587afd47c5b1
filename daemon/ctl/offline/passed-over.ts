import { compareBytes } from '../../../src/base/byte-order.ts';
import type { Explanation } from '../../../src/explain/explain.ts';
import type { Direction, Stage } from '../../../src/explain/step.ts';
import type { LocalPolicy } from '../../../src/policy/local-policy.ts';
import { resourceName } from '../../../src/resource/resource.ts';
import type { Policy, ResourceUpdate } from '../../../src/resource/resource.ts';
import { matchesSelector } from '../../../src/selector/match.ts';
import { labelsReader } from './effective-labels.ts';

/** A policy that was not asked where an endpoint was, and why. */
export interface PassedOver {
  readonly stage: Stage;
  readonly direction: Direction;
  readonly policy: string;
  readonly reason: string;
}

/** The policies that the stages of an explanation did not ask, in the order of their names. */
export function passedOver(
  { trail }: Explanation,
  { endpoints }: LocalPolicy,
  updates: readonly ResourceUpdate[],
): readonly PassedOver[] {
  const labelsOf = labelsReader(updates);
  const policies = updates
    .flatMap(({ resource }) => (isPolicy(resource) ? [resource] : []))
    .sort((a, b) => compareBytes(resourceName(a), resourceName(b)));
  return trail.flatMap((step) => {
    if (step.kind !== 'stage') return [];
    const { stage, direction } = step;
    const found = endpoints.find(({ hostEndpoint }) => hostEndpoint.name === step.endpoint);
    if (found === undefined) return [];
    const labels = labelsOf(found.hostEndpoint);
    return policies.flatMap((policy) => {
      const reason = whyNot(policy, step, labels);
      return reason === null ? [] : [{ stage, direction, policy: resourceName(policy), reason }];
    });
  });
}

function isPolicy(resource: ResourceUpdate['resource']): resource is Policy {
  return resource?.kind.endsWith('NetworkPolicy') === true;
}

function whyNot(
  policy: Policy,
  { stage, direction }: { readonly stage: Stage; readonly direction: Direction },
  labels: ReadonlyMap<string, string>,
): string | null {
  if (policy.kind.startsWith('Staged')) return 'staged policies are not enforced';
  if (!matchesSelector(policy.selector, (key) => labels.get(key))) {
    return `its selector ${policy.selector.text} does not match the host endpoint`;
  }
  const own = policy.doNotTrack ? 'untracked' : policy.preDNAT ? 'preDNAT' : 'normal';
  const isOfStage = stage === 'forward' ? own === 'normal' : own === stage;
  if (!isOfStage) return `it is a policy of the ${own} stage`;
  if (stage === 'forward' && !policy.applyOnForward) return 'it does not say applyOnForward: true';
  const isOfDirection = direction === 'ingress' ? policy.appliesToIngress : policy.appliesToEgress;
  if (isOfDirection) return null;
  return `its types do not include ${direction === 'ingress' ? 'Ingress' : 'Egress'}`;
}
