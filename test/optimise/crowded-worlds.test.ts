import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import type { CompileSettings } from '../../src/compile/settings.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import { createOptimiser, optimiseRuleset } from '../../src/optimise/optimise.ts';
import { canonicalRuleset } from '../../src/ruleset/canonical.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import type { Programmed } from '../../src/ruleset/diff.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Evaluation } from '../../src/ruleset/evaluate.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { crowdedWorlds } from '../support/crowded-world.ts';
import {
  changeWorld,
  emptyStore,
  localPolicyOf,
  packets,
  settings,
} from '../support/random-policy.ts';
import type { World } from '../support/random-policy.ts';

// AGREEMENT_RUNS=5000 takes some minutes.
const RUNS = Number(process.env['AGREEMENT_RUNS'] ?? 40);

const OTHERS = {
  logPrefix: 'calico-packet',
  logRateLimit: null,
  deniedLog: null,
  markMask: 0xffff0000,
};

function hasUnion({ sets }: Ruleset): boolean {
  return [...sets.keys()].some((name) => name.startsWith('u-'));
}

function moved(evaluation: Evaluation): unknown {
  if (evaluation.verdict === 'unsupported') return evaluation;
  const { verdict, mark, tracked, hits } = evaluation;
  return { verdict, mark, tracked, counters: hits.flatMap(({ counters }) => counters) };
}

describe('worlds of many policies that differ in whom they are for', function () {
  this.timeout(600_000);

  it('have the same verdicts, marks and counts by lists, by unions, and as policy says', () => {
    let united = 0;
    const many = fc.array(packets, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(crowdedWorlds, settings, many, (world, same, sent) => {
        const policy = localPolicyOf(world);
        const compiled: CompileSettings = { ...same, ...OTHERS };
        const linear = compileRuleset(policy, compiled);
        const cheaper = optimiseRuleset(linear);
        if (hasUnion(cheaper)) united++;
        for (const packet of sent) {
          const evaluation = evaluateRuleset(cheaper, packet);
          assert.deepEqual(moved(evaluation), moved(evaluateRuleset(linear, packet)));
          const explanation = explainPacket({ policy, settings: same, packet });
          const expected = explanation.denial ?? 'accept';
          assert.equal(evaluation.verdict, expected, formatExplanation(explanation));
        }
      }),
      { numRuns: RUNS },
    );
    assert.ok(united > RUNS / 4, `${united} of ${RUNS} rulesets had a union`);
  });

  it('come to the same table change by change as anew', async () => {
    const history = fc.array(crowdedWorlds, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(history, settings, async (steps, same) => {
        const compiled: CompileSettings = { ...same, ...OTHERS };
        const store = emptyStore();
        const optimise = createOptimiser();
        const nftables = new MemoryNftables();
        let before: World = { resources: [] };
        let programmed: Programmed = { kind: 'absent' };
        for (const world of mixed(steps)) {
          const ruleset = optimise(compileRuleset(changeWorld(store, before, world), compiled));
          await nftables.apply(diffRulesets(programmed, ruleset, true));
          const fresh = optimiseRuleset(compileRuleset(localPolicyOf(world), compiled));
          assert.equal(canonicalRuleset(ruleset), canonicalRuleset(fresh));
          assertHolds(nftables, fresh);
          [before, programmed] = [world, { kind: 'known', ruleset }];
        }
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    );
  });
});

// Between two worlds one that has the policies of the first and the pods of the second: only sets change.
function mixed(steps: readonly World[]): readonly World[] {
  return steps.flatMap((world, i) => {
    const before = steps[i - 1];
    if (before === undefined) return [world];
    const isPolicy = ({ kind }: World['resources'][number]): boolean =>
      kind === 'GlobalNetworkPolicy';
    const resources = [
      ...before.resources.filter(isPolicy),
      ...world.resources.filter((one) => !isPolicy(one)),
    ];
    return [{ resources }, world];
  });
}

function assertHolds(nftables: MemoryNftables, { chains, sets }: Ruleset): void {
  const table = nftables.contents();
  assert.deepEqual([...table.chains.keys()].sort(), [...chains.keys()].sort());
  assert.deepEqual([...table.sets.keys()].sort(), [...sets.keys()].sort());
  for (const [name, { elements }] of sets) {
    assert.deepEqual(
      [...(table.sets.get(name)?.elements ?? [])].sort(),
      [...elements].sort(),
      name,
    );
  }
}
