import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, it } from 'mocha';
import { Intake } from '../../src/agent/intake.ts';

describe('Intake', () => {
  let now: number;
  let done: string[];
  let intake: Intake;

  beforeEach(() => {
    now = 0;
    done = [];
    intake = new Intake({ monotonic: () => now }, () => done.push('ended'));
  });

  /** Work of so many steps of four milliseconds. */
  function* work(name: string, steps: number): Generator<undefined, void> {
    for (let step = 1; step <= steps; step++) {
      done.push(`${name}${step}`);
      now += 4;
      if (step < steps) yield;
    }
  }

  it('does at once what takes little', () => {
    intake.add(work('a', 1));
    intake.add(work('b', 2));
    assert.deepEqual(done, ['a1', 'b1', 'b2']);
    assert.equal(intake.isBusy, false);
  });

  it('gives way when it takes longer, keeps the order, and says when it has ended', async () => {
    intake.add(work('a', 5));
    assert.deepEqual(done, ['a1', 'a2', 'a3']);
    intake.add(work('b', 1));
    assert.equal(intake.isBusy, true);
    await nextTurn();
    await nextTurn();
    assert.deepEqual(done, ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'ended']);
    assert.equal(intake.isBusy, false);
  });

  it('completes what was begun, and no more, when somebody needs it', async () => {
    intake.add(work('a', 5));
    intake.add(work('b', 1));
    intake.complete();
    assert.deepEqual(done, ['a1', 'a2', 'a3', 'a4', 'a5']);
    assert.equal(intake.isBusy, true);
    await nextTurn();
    await nextTurn();
    assert.deepEqual(done.slice(5), ['b1', 'ended']);
  });

  it('completes everything when it is told to finish', async () => {
    intake.add(work('a', 5));
    intake.add(work('b', 2));
    intake.finish();
    assert.equal(intake.isBusy, false);
    assert.deepEqual(done.slice(-2), ['b1', 'b2']);
    await nextTurn();
    await nextTurn();
    assert.deepEqual(done.slice(-2), ['b2', 'ended']);
  });

  it('goes on after work that throws, and takes more from within', () => {
    const failing = function* (): Generator<undefined, void> {
      intake.complete();
      intake.finish();
      intake.add(work('c', 1));
      yield;
      throw new Error('of the work');
    };
    assert.throws(() => {
      intake.add(failing());
    }, /of the work/);
    intake.finish();
    intake.add(work('d', 1));
    assert.deepEqual(done, ['c1', 'd1']);
  });
});
