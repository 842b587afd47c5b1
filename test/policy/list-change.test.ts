import assert from 'node:assert/strict';
import fc from 'fast-check';
import { listChange } from '../../src/policy/list-change.ts';

describe('listChange', () => {
  it('turns one bag into the other with as few steps as possible', () => {
    const lists = fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd'), { maxLength: 8 });
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const { removed, added } = listChange(before, after);
        const rest = [...before];
        for (const item of removed) rest.splice(rest.indexOf(item), 1);
        assert.deepEqual([...rest, ...added].sort(), [...after].sort());
        assert.deepEqual(
          added.filter((item) => removed.includes(item)),
          [],
        );
      }),
    );
  });
});
