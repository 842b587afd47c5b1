import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compiledDenials, compileRuleset } from '../../src/compile/compile.ts';
import type { CompileSettings } from '../../src/compile/settings.ts';
import type { Packet } from '../../src/net/packet.ts';
import { optimiseRuleset } from '../../src/optimise/optimise.ts';
import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Rule, Ruleset } from '../../src/ruleset/ruleset.ts';
import { localPolicyOf, packets, settings, worlds } from '../support/random-policy.ts';
import { SETTINGS } from '../support/settings.ts';

const LOG = { group: 2000, rateLimit: 10 };

describe('logDenials', () => {
  it('decides and counts what the ruleset decides and counts without it', () => {
    fc.assert(
      fc.property(
        worlds,
        settings,
        fc.array(packets, { minLength: 3, maxLength: 8 }),
        (world, chosen, sent) => {
          const policy = localPolicyOf(world);
          const plain = compileRuleset(policy, { ...SETTINGS, ...chosen });
          const logging = compileRuleset(policy, { ...SETTINGS, ...chosen, deniedLog: LOG });
          assert.deepEqual(logging.counters, plain.counters);
          for (const packet of sent) {
            assert.deepEqual(outcome(logging, packet), outcome(plain, packet));
            assert.deepEqual(outcome(optimiseRuleset(logging), packet), outcome(plain, packet));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('logs each packet that is denied, once, with a prefix that says where', () => {
    let denied = 0;
    fc.assert(
      fc.property(
        worlds,
        settings,
        fc.array(packets, { minLength: 3, maxLength: 8 }),
        (world, chosen, sent) => {
          const policy = localPolicyOf(world);
          const enforcing = {
            ...SETTINGS,
            ...chosen,
            enforcement: 'enforce',
            deniedLog: LOG,
          } as const;
          const ruleset = optimiseRuleset(compileRuleset(policy, enforcing));
          for (const packet of sent) {
            const isDenied = ['drop', 'reject'].includes(evaluateRuleset(ruleset, packet).verdict);
            const logged = loggedPrefixes(ruleset, packet);
            assert.equal(logged.length, isDenied ? 1 : 0);
            denied += logged.length;
            const known = compiledDenials(policy, enforcing);
            for (const prefix of logged) {
              assert.ok(known.has(prefix), `nobody knows ${prefix}`);
              assert.ok(Buffer.byteLength(prefix) <= 127);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
    assert.ok(denied > 50, `only ${denied} packets were denied`);
  });

  it('puts the limit into a rule of its own, in front of the one that denies', () => {
    for (const { rules } of loggingRuleset().chains.values())
      for (const [i, rule] of rules.entries()) {
        if (!logs(rule)) continue;
        assert.ok(rule.statements.every(({ kind }) => kind === 'nflog'));
        const deny = rules[i + 1];
        assert.deepEqual(rule.matches.slice(0, -1), deny?.matches);
        assert.equal(rule.matches.at(-1)?.kind, 'limit');
      }
  });

  it('comes out as the same objects for the same policy and settings', () => {
    const policy = somePolicy();
    const logging: CompileSettings = { ...SETTINGS, deniedLog: LOG };
    const first = compileRuleset(policy, logging);
    assert.equal(compileRuleset(policy, logging).chains, first.chains);
    assert.equal(compiledDenials(policy, SETTINGS).size, 0);
  });
});

function somePolicy(): LocalPolicy {
  const [world] = fc.sample(worlds, { numRuns: 1, seed: 7 });
  assert.ok(world !== undefined);
  return localPolicyOf(world);
}

function loggingRuleset(): Ruleset {
  return compileRuleset(somePolicy(), { ...SETTINGS, deniedLog: LOG });
}

function outcome(ruleset: Ruleset, packet: Packet): readonly unknown[] {
  const evaluation = evaluateRuleset(ruleset, packet);
  return [evaluation.verdict, evaluation.hits.flatMap(({ counters }) => counters)];
}

function loggedPrefixes(ruleset: Ruleset, packet: Packet): readonly string[] {
  return evaluateRuleset(ruleset, packet).hits.flatMap(({ chain, index }) => {
    const rule = ruleset.chains.get(chain)?.rules[index];
    return (rule?.statements ?? []).flatMap((one) => (one.kind === 'nflog' ? [one.prefix] : []));
  });
}

function logs({ statements }: Rule): boolean {
  return statements.some(({ kind }) => kind === 'nflog');
}
