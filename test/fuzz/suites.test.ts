import assert from 'node:assert/strict';
import { casesOf, SUITES } from './cases.ts';

describe('the suites of the fuzz tests', () => {
  it('share all cases of a long run among them', () => {
    const parts = Object.values(SUITES).map(([, perThousand]) => perThousand);
    assert.equal(
      parts.reduce((sum, part) => sum + part, 0),
      1000,
    );
    assert.ok(casesOf('selectors') >= 1);
  });
});
