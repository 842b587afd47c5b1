import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { ReferencedSets, referencedSets } from '../../src/policy/set-references.ts';
import { localPolicyOf, worlds } from '../support/random-policy.ts';

describe('ReferencedSets', () => {
  it('knows after any arrangements what it would know from the last one', () => {
    fc.assert(
      fc.property(fc.array(worlds, { minLength: 2, maxLength: 5 }), (many) => {
        const references = new ReferencedSets();
        for (const world of many) {
          const { endpoints } = localPolicyOf(world);
          const present = references.of(endpoints);
          assert.deepEqual(idsOf(present), idsOf(referencedSets(endpoints)));
          assert.equal(references.of(endpoints), present);
          const [first, ...others] = endpoints;
          references.of(others);
          assert.deepEqual(
            idsOf(references.of(first === undefined ? others : [...others, first])),
            idsOf(present),
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});

function idsOf(definitions: ReturnType<typeof referencedSets>): readonly string[] {
  return [...definitions.keys()].sort();
}
