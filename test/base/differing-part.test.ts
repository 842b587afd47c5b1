import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { differingPart } from '../../src/base/differing-part.ts';

const lists = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });

describe('differingPart', () => {
  it('leaves a common beginning and a common end, and nothing more that is common at its borders', () => {
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const { start, beforeEnd, afterEnd } = differingPart(before, after);
        assert.deepEqual(before.slice(0, start), after.slice(0, start));
        assert.deepEqual(before.slice(beforeEnd), after.slice(afterEnd));
        const [one, other] = [before.slice(start, beforeEnd), after.slice(start, afterEnd)];
        if (one.length === 0 || other.length === 0) return;
        assert.notEqual(one[0], other[0]);
        assert.notEqual(one.at(-1), other.at(-1));
      }),
    );
  });

  it('is empty for the same list', () => {
    const list = ['a', 'b'];
    assert.deepEqual(differingPart(list, list), { start: 0, beforeEnd: 0, afterEnd: 0 });
    assert.deepEqual(differingPart(list, [...list]), { start: 2, beforeEnd: 2, afterEnd: 2 });
  });
});
