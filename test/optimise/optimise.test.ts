import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { compileRuleset } from '../../src/compile/compile.ts';
import { jumpTargets } from '../../src/optimise/control-flow.ts';
import { createOptimiser, optimiseRuleset } from '../../src/optimise/optimise.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Chain, Rule, Ruleset, Verdict } from '../../src/ruleset/ruleset.ts';
import { localPolicyOf, packets, worlds } from '../support/random-policy.ts';
import { SETTINGS } from '../support/settings.ts';

function rule(verdict: Verdict, matches: Rule['matches'] = []): Rule {
  return { comment: '', matches, statements: [{ kind: 'verdict', verdict }] };
}

const TCP: Rule['matches'] = [{ kind: 'l4proto', negated: false, protocols: [6] }];

function rulesetOf(chains: Readonly<Record<string, readonly Rule[]>>): Ruleset {
  const entries = Object.entries(chains).map(([name, rules]): [string, Chain] => {
    const base = name === 'input' ? ({ hook: 'input', priority: 0 } as const) : null;
    return [name, { name, base, rules }];
  });
  return { chains: new Map(entries), sets: new Map(), counters: new Set() };
}

function optimised(chains: Parameters<typeof rulesetOf>[0]): Readonly<Record<string, number>> {
  const result = optimiseRuleset(rulesetOf(chains));
  return Object.fromEntries([...result.chains].map(([name, { rules }]) => [name, rules.length]));
}

describe('optimiseRuleset', () => {
  it('changes no verdict, no mark and no count', () => {
    fc.assert(
      fc.property(worlds, fc.array(packets, { minLength: 10, maxLength: 20 }), (world, many) => {
        const ruleset = compileRuleset(localPolicyOf(world), SETTINGS);
        const cheaper = optimiseRuleset(ruleset);
        for (const packet of many) {
          const before = evaluateRuleset(ruleset, packet);
          const after = evaluateRuleset(cheaper, packet);
          assert.notEqual(after.verdict, 'unsupported');
          assert.deepEqual(outcome(after), outcome(before));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('leaves no chain of a policy that nothing leads to', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { chains } = optimiseRuleset(compileRuleset(localPolicyOf(world), SETTINGS));
        const targets = new Set(
          [...chains.values()].flatMap(({ rules }) => rules.flatMap(jumpTargets)),
        );
        const lost = [...chains.values()].filter(
          ({ name, base }) => base === null && !targets.has(name),
        );
        assert.deepEqual(lost, []);
      }),
      { numRuns: 150 },
    );
  });

  it('cuts off what stands behind a rule that always decides', () => {
    assert.deepEqual(
      optimised({
        input: [rule({ kind: 'drop' }, TCP), rule({ kind: 'accept' }), rule({ kind: 'drop' })],
      }),
      {
        input: 2,
      },
    );
  });

  it('drops jumps to chains that do nothing, and then those chains, through any number of levels', () => {
    const jump = (chain: string): Rule => rule({ kind: 'jump', chain }, TCP);
    assert.deepEqual(
      optimised({
        input: [jump('a'), rule({ kind: 'drop' })],
        a: [jump('b')],
        b: [jump('c')],
        c: [],
      }),
      {
        input: 1,
      },
    );
  });

  it('keeps a goto to an empty chain, because it ends the chain it stands in', () => {
    assert.deepEqual(
      optimised({
        input: [rule({ kind: 'goto', chain: 'a' }, TCP), rule({ kind: 'drop' })],
        a: [],
      }),
      {
        input: 2,
        a: 0,
      },
    );
  });

  it('answers the same chains for the same chains', () => {
    const ruleset = rulesetOf({ input: [rule({ kind: 'drop' })] });
    const optimise = createOptimiser();
    assert.equal(optimise(ruleset).chains, optimise({ ...ruleset, sets: new Map() }).chains);
    assert.equal(optimise(ruleset).chains.get('input'), ruleset.chains.get('input'));
  });
});

function outcome(evaluation: ReturnType<typeof evaluateRuleset>): unknown {
  if (evaluation.verdict === 'unsupported') return evaluation;
  const { verdict, mark, tracked, hits } = evaluation;
  return { verdict, mark, tracked, counters: hits.flatMap(({ counters }) => counters) };
}
