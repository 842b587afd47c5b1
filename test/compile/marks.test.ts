import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { clearMarks, marksOf } from '../../src/compile/marks.ts';

describe('marksOf', () => {
  const cases: readonly (readonly [number, number, number])[] = [
    [0xffff0000, 0x10000, 0x20000],
    [0x80000001, 0x1, 0x80000000],
    [0xc0000000, 0x40000000, 0x80000000],
  ];
  for (const [mask, allowed, settled] of cases) {
    it(`takes the two lowest bits of 0x${mask.toString(16)} and leaves all others alone`, () => {
      assert.deepEqual(marksOf(mask), { allowed, settled });
      const keep = ~(allowed | settled) >>> 0;
      assert.deepEqual(clearMarks({ allowed, settled }), { kind: 'mark', keep, set: 0 });
    });
  }
});
