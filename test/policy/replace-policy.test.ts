import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { arrangeTiers } from '../../src/policy/local-tiers.ts';
import { replacePolicy } from '../../src/policy/replace-policy.ts';
import type { Policy, Tier } from '../../src/resource/resource.ts';
import { globalPolicy, tier } from '../support/resources.ts';
import { worlds } from '../support/random-policy.ts';

const TIERS: ReadonlyMap<string, Tier> = new Map([
  ['default', tier('default')],
  ['security', tier('security', { order: 1 })],
]);

const policyLists: fc.Arbitrary<readonly Policy[]> = worlds.map(({ resources }) =>
  resources.filter((one): one is Policy => one.kind === 'GlobalNetworkPolicy'),
);

describe('replacePolicy', () => {
  it('comes to the same as arranging anew, or leaves it to that', () => {
    let replaced = 0;
    fc.assert(
      fc.property(policyLists, policyLists, (before, others) => {
        let policies = before;
        let tiers = arrangeTiers(policies, TIERS);
        for (const other of others) {
          const previous = policies.find(({ name }) => name === other.name) ?? null;
          const next = previous !== null && other.appliesToEgress ? null : other;
          const rest = policies.filter((one) => one !== previous);
          policies = next === null ? rest : [...rest, next];
          const expected = arrangeTiers(policies, TIERS);
          const result = replacePolicy(tiers, { previous, next });
          if (result !== null) replaced++;
          assert.deepEqual(result ?? expected, expected);
          tiers = expected;
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(replaced > 100, `${replaced} were replaced`);
  });

  it('leaves tiers alone that the policy does not stand in', () => {
    const before = globalPolicy('p', { tier: 'security' });
    const tiers = arrangeTiers([before, globalPolicy('q')], TIERS);
    const next = globalPolicy('p', { tier: 'security', appliesToEgress: false });
    const result = replacePolicy(tiers, { previous: before, next });
    assert.deepEqual(result?.normal[0]?.ingress, [next]);
    assert.deepEqual(result.normal[0].egress, []);
    assert.equal(result.normal[1], tiers.normal[1]);
  });
});
