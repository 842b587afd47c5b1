import type { RecordedProbe } from './recording.ts';

/** Where Rampart differs from the recorded agent on purpose. */
export interface KnownDifference {
  /** The scenario, or a pattern for several. */
  readonly scenario: string | RegExp;
  /** The probes concerned; all of the scenario when absent. */
  readonly probe?: (probe: RecordedProbe) => boolean;
  /** The bug of the recorded agent, or the decision of this project. */
  readonly reason: string;
}

/** The list that a replay does not count as failures, beside the bug that the replay itself recognises. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    scenario: 'sample-globalnetworkpolicies-bad-net',
    probe: ({ proto, port }) => proto === 'tcp' && port === 5432,
    reason: 'an Allow rule with a net that cannot be read never matches; Felix ignores the net',
  },
  {
    scenario: 'sample-globalnetworkpolicies-no-action',
    probe: ({ proto, port }) => proto === 'tcp' && port === 5432,
    reason: 'a rule without a known action is a Deny; Felix takes it for an Allow',
  },
  {
    scenario: 'sample-globalnetworkpolicies-with-http',
    probe: ({ proto, port }) => proto === 'tcp' && port === 80,
    reason: 'an Allow rule with an HTTP match never matches; Felix ignores the match',
  },
  {
    scenario: 'sample-globalnetworkpolicies-bad-ns-selector-spec',
    reason:
      'a policy with a namespaceSelector that cannot be read is absent; Felix applies it without the restriction',
  },
];

/** Why this probe may differ, or undefined when it may not. */
export function knownReason(scenario: string, probe: RecordedProbe): string | undefined {
  const isConcerned = (one: KnownDifference): boolean =>
    (typeof one.scenario === 'string' ? one.scenario === scenario : one.scenario.test(scenario)) &&
    (one.probe === undefined || one.probe(probe));
  return KNOWN_DIFFERENCES.find(isConcerned)?.reason;
}
