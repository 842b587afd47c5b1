import assert from 'node:assert/strict';
import { EarliestTimer } from '../../src/host/earliest-timer.ts';
import { createManualClock } from './manual-clock.ts';

describe('EarliestTimer', () => {
  it('runs once, at the earliest wish', () => {
    const clock = createManualClock();
    const runs: number[] = [];
    const timer = new EarliestTimer(clock, () => runs.push(clock.monotonic()));
    timer.within(1000);
    timer.within(10);
    timer.within(500);
    clock.advance(2000);
    assert.deepEqual(runs, [10]);
  });

  it('cannot be put off by more wishes', () => {
    const clock = createManualClock();
    const runs: number[] = [];
    const timer = new EarliestTimer(clock, () => runs.push(clock.monotonic()));
    for (let i = 0; i < 10; i++) {
      timer.within(10);
      clock.advance(4);
    }
    assert.deepEqual(runs, [10, 22, 34]);
  });

  it('can wish for the next run from within a run', () => {
    const clock = createManualClock();
    const runs: number[] = [];
    const timer: EarliestTimer = new EarliestTimer(clock, () => {
      runs.push(clock.monotonic());
      if (runs.length < 3) timer.within(5);
    });
    timer.within(5);
    clock.advance(100);
    assert.deepEqual(runs, [5, 10, 15]);
  });

  it('does not run once cancelled', () => {
    const clock = createManualClock();
    let runs = 0;
    const timer = new EarliestTimer(clock, () => {
      runs += 1;
    });
    timer.within(5);
    timer.cancel();
    clock.advance(100);
    assert.equal(runs, 0);
  });
});
