import type { HistoryAnswer, HistoryRecord, PolicyInForce, RuleUse } from './history.ts';
import type { Reachability } from './reachability.ts';

/** A report on one host, as data: the answer of `rampartctl report -o json`. Fields are added, never renamed. */
export interface Report {
  readonly version: 1;
  /** All moments are ISO 8601. */
  readonly madeAt: string;
  /** Changes before this are left out, and rules hit before it count as not hit; null: everything that is known. */
  readonly since: string | null;
  readonly host: {
    readonly name: string;
    readonly rampart: string;
    readonly rulesInForce: string;
    readonly enforcement: string;
    /** Hash of all policies in force as this host arranges them, without the members of sets. */
    readonly policyHash: string;
  };
  readonly alarms: readonly {
    readonly code: string;
    readonly since: string;
    readonly message: string;
  }[];
  readonly unprotected: readonly Unprotected[];
  readonly policies: readonly PolicyInForce[];
  readonly changes: readonly HistoryRecord[];
  /** Allow rules that no packet has used. */
  readonly neverSeen: readonly RuleUse[];
  /** Other rules that no packet has hit. */
  readonly neverHit: readonly RuleUse[];
  readonly reachability: readonly Reachability[];
}

/** Something that no policy guards. */
export interface Unprotected {
  /** `interface eth1`, `HostEndpoint edge`. */
  readonly what: string;
  readonly why: string;
}

/** What a report is made from. */
export interface ReportInput {
  readonly answer: HistoryAnswer;
  /** Milliseconds since the epoch; null: everything that is known. */
  readonly since: number | null;
  readonly host: Omit<Report['host'], 'policyHash'>;
  readonly alarms: Report['alarms'];
  readonly unprotected: readonly Unprotected[];
  readonly reachability: readonly Reachability[];
}

/** Puts a report together. */
export function createReport(input: ReportInput): Report {
  const { answer, since, host, alarms, unprotected, reachability } = input;
  const from = since ?? -Infinity;
  // What is not in the kernel, or was not looked at yet, is not known to be unused.
  const unused = answer.rules.filter(
    ({ firstSeen, lastHit }) =>
      firstSeen !== null && (lastHit === null || Date.parse(lastHit) < from),
  );
  return {
    version: 1,
    madeAt: answer.at,
    since: since === null ? null : new Date(since).toISOString(),
    host: { ...host, policyHash: answer.policyHash },
    ...{ alarms, unprotected },
    policies: answer.policies,
    changes: answer.history.filter(({ at }) => Date.parse(at) >= from),
    neverSeen: unused.filter(({ action }) => action === 'Allow'),
    neverHit: unused.filter(({ action }) => action !== 'Allow'),
    reachability,
  };
}
