import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileRuleset } from '../../src/compile/compile.ts';
import { showNewConnections } from '../../src/compile/staged-chains.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import { localPolicyOf, packets, worlds } from '../support/random-policy.ts';
import { SETTINGS } from '../support/settings.ts';

describe('showNewConnections', () => {
  it('adds chains that change no verdict and no mark, and touches no other chain', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(worlds, packets, (world, packet) => {
        const enforced = compileRuleset(localPolicyOf(world), SETTINGS);
        const shown = showNewConnections(enforced);
        for (const [name, chain] of enforced.chains) assert.equal(shown.chains.get(name), chain);
        assert.equal(shown.chains.size, enforced.chains.size + 3);
        const before = evaluateRuleset(enforced, packet);
        assert.deepEqual({ ...evaluateRuleset(shown, packet), hits: before.hits }, before);
      }),
    );
  });

  it('answers the same chains for the same ruleset', () => {
    const ruleset = compileRuleset({ endpoints: [], sets: new Map() }, SETTINGS);
    assert.equal(showNewConnections(ruleset).chains, showNewConnections(ruleset).chains);
  });
});
