import assert from 'node:assert/strict';
import {
  PolicySurvey,
  SURVEY_INTERVAL_MS,
  SURVEY_PAUSE_MS,
} from '../../src/agent/alarms-idle-policies.ts';
import type { Policy } from '../../src/policy/local-policy.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { globalPolicy } from '../support/resources.ts';

function createSurvey(): {
  readonly survey: PolicySurvey;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly starts: () => number;
  readonly changes: () => number;
  readonly slices: () => number;
  readonly setVersion: (version: number) => void;
  readonly setIdle: (...names: readonly string[]) => void;
} {
  const clock = createManualClock();
  let spentMs = 0;
  let slices = 0;
  let version = 0;
  let idle: readonly Policy[] = [];
  let starts = 0;
  let changes = 0;
  const start = function* (): Generator<undefined, readonly Policy[]> {
    starts += 1;
    // Each step takes longer than a slice.
    for (let i = 0; i < 3; i++) {
      spentMs += 6;
      yield;
    }
    return idle;
  };
  const survey = new PolicySurvey({
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + spentMs,
      after: (delayMs, task) => {
        slices += 1;
        return clock.after(delayMs, task);
      },
    },
    version: () => version,
    start,
    changed: () => {
      changes += 1;
    },
  });
  return {
    survey,
    clock,
    starts: () => starts,
    changes: () => changes,
    slices: () => slices,
    setVersion: (next) => {
      version = next;
    },
    setIdle: (...names) => {
      idle = names.map((name) => globalPolicy(name));
    },
  };
}

describe('PolicySurvey', () => {
  it('gives way between slices, and tells when the outcome differs', () => {
    const { survey, clock, changes, slices, setIdle } = createSurvey();
    setIdle('p');
    survey.refresh();
    assert.deepEqual(survey.idle, []);
    clock.advance(0);
    assert.equal(slices(), 4);
    assert.deepEqual(
      survey.idle.map(({ name }) => name),
      ['p'],
    );
    assert.equal(changes(), 1);
  });

  it('looks again after a minute, not before', () => {
    const { survey, clock, starts, changes } = createSurvey();
    survey.refresh();
    clock.advance(100);
    survey.refresh();
    clock.advance(SURVEY_INTERVAL_MS - 200);
    survey.refresh();
    assert.equal(starts(), 1);
    clock.advance(200);
    survey.refresh();
    clock.advance(100);
    assert.equal(starts(), 2);
    assert.equal(changes(), 0);
  });

  it('looks again after some seconds when policies changed', () => {
    const { survey, clock, starts, setVersion } = createSurvey();
    survey.refresh();
    clock.advance(100);
    setVersion(1);
    survey.refresh();
    assert.equal(starts(), 1);
    clock.advance(SURVEY_PAUSE_MS);
    survey.refresh();
    clock.advance(100);
    assert.equal(starts(), 2);
  });

  it('has one survey under way at a time, and abandons it when closed', () => {
    const { survey, clock, starts } = createSurvey();
    survey.refresh();
    survey.refresh();
    survey.close();
    clock.advance(100);
    assert.equal(starts(), 0);
    assert.deepEqual(survey.idle, []);
  });
});
