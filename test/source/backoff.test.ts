import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../src/source/backoff.ts';

describe('Backoff', () => {
  it('doubles up to the longest wait and starts over after a reset', () => {
    const backoff = new Backoff(200, 5_000, () => 0);
    const waits = Array.from({ length: 7 }, () => backoff.next());
    assert.deepEqual(waits, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    backoff.reset();
    assert.equal(backoff.next(), 200);
  });

  it('never waits longer than it may, nor less than half the shortest wait, for ever', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (chance) => {
        const backoff = new Backoff(200, 5_000, () => chance);
        return Array.from({ length: 3_000 }, () => backoff.next()).every(
          (wait) => wait >= 100 && wait <= 5_000,
        );
      }),
    );
  });
});
