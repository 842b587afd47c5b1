import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { CountedNames } from '../../src/compile/counted-names.ts';

describe('CountedNames', () => {
  it('has the names that are referred to, and the same set while they are the same', () => {
    const steps = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }));
    fc.assert(
      fc.property(steps, (lists) => {
        const counted = new CountedNames();
        let before: readonly string[] = [];
        for (const list of lists) {
          const was = counted.names;
          counted.remove(before);
          counted.add(list);
          const isSame = new Set(list).size === was.size && list.every((name) => was.has(name));
          assert.deepEqual(counted.names, new Set(list));
          assert.equal(counted.names === was, isSame);
          before = list;
        }
      }),
    );
  });
});
