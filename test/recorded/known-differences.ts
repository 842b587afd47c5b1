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

/** The list that a replay does not count as failures. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];

/** Why this probe may differ, or undefined when it may not. */
export function knownReason(scenario: string, probe: RecordedProbe): string | undefined {
  const isConcerned = (one: KnownDifference): boolean =>
    (typeof one.scenario === 'string' ? one.scenario === scenario : one.scenario.test(scenario)) &&
    (one.probe === undefined || one.probe(probe));
  return KNOWN_DIFFERENCES.find(isConcerned)?.reason;
}
