import assert from 'node:assert/strict';
import fc from 'fast-check';
import { digestPolicy } from '../../src/agent/policy-digest.ts';
import { localPolicyOf, worlds } from '../support/random-policy.ts';

describe('digestPolicy', () => {
  it('answers the same for equal policy, whether it has seen its objects before or not', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { endpoints } = localPolicyOf(world);
        const first = digestPolicy(endpoints);
        assert.deepEqual(digestPolicy(endpoints), first);
        assert.deepEqual(digestPolicy(structuredClone(endpoints)), first);
      }),
      { numRuns: 50 },
    );
  });
});
