import type { Problem } from '../base/problem.ts';
import { resourceName } from '../resource/resource.ts';
import type { AlarmInputs } from './alarms-inputs.ts';
import { endpointFaults } from './alarms-endpoints.ts';
import { failsafeFaults } from './alarms-failsafes.ts';
import { ruleFaults } from './alarms-rules.ts';
import { GATE_CODES } from './datastore-gate.ts';
import { faultAbout, nameSome } from './fault.ts';
import type { Fault } from './fault.ts';
import { observingFaults } from './observing.ts';
import type { Fight } from './repair-damper.ts';

/** Every code that `alarmsOf` can answer; docs/alarms.md explains each. */
export const ALARM_CODES = [
  ...GATE_CODES,
  'flushed',
  'rolled-back',
  'rollback-impossible',
  'rollback-unsaved',
  'table-fought-over',
  'observing',
  'nothing-protects-this-host',
  'interface-unprotected',
  'endpoint-without-interface',
  'expected-ip-absent',
  'node-name-similar',
  'policy-selects-nothing',
  'objects-rejected',
  'rule-never-matches',
  'rule-matches-nobody',
  'failsafe-datastore',
  'failsafe-ssh',
  'health-unavailable',
  'metrics-unavailable',
  'connections-uncut',
  'flows-unavailable',
  'last-good-unsaved',
  'boot-fallback',
  'boot-open',
  'control-unavailable',
  'snapshot-in-force',
  'snapshot-refused',
  'snapshot-unsaved',
  'history-damaged',
  'history-unsaved',
] as const;

/**
 * What keeps this host from being protected as its operators believe, most urgent first; at most one alarm a
 * code, with all the objects that it is about.
 */
export function alarmsOf(inputs: AlarmInputs): readonly Fault[] {
  return [
    ...gateFaults(inputs.problems),
    ...fightFaults(inputs.fight),
    ...observingFaults(inputs.observing),
    ...endpointFaults(inputs),
    ...failsafeFaults(inputs),
    ...faultAbout('objects-rejected', rejectedObjects(inputs.problems), rejected),
    ...ruleFaults(inputs.resolution?.policy ?? null),
    ...faultAbout('policy-selects-nothing', inputs.idlePolicies.map(resourceName), idle),
    ...inputs.serviceFaults.map((fault) => ({ objects: [], ...fault })),
  ];
}

function gateFaults(problems: readonly Problem[]): readonly Fault[] {
  return problems
    .filter(isAboutGate)
    .map(({ code, object, message }) => ({ code, objects: [object], message }));
}

function fightFaults(fight: Fight | null): readonly Fault[] {
  if (fight === null) return [];
  const by = fight.programs.length === 0 ? 'another program' : nameSome(fight.programs);
  const message = `table inet rampart is changed over and over by ${by}: it is written again each time, after up to 5 seconds. Stop that program from touching it`;
  return [{ code: 'table-fought-over', objects: [], message }];
}

function isAboutGate({ code }: Problem): boolean {
  return GATE_CODES.some((known) => known === code);
}

function rejectedObjects(problems: readonly Problem[]): readonly string[] {
  const rejectedOnes = problems.filter(
    (problem) => problem.severity === 'error' && !isAboutGate(problem),
  );
  return [...new Set(rejectedOnes.map(({ object }) => object))].sort();
}

function rejected(named: string): string {
  return `not honoured, or not in full: ${named}. The problems in "rampartctl status" say which field of each is wrong and what to write instead`;
}

function idle(named: string): string {
  return `select no endpoint anywhere, so nobody is protected by them: ${named}. Correct spec.selector, or label the endpoints that are meant`;
}
