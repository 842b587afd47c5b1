import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileRuleset } from '../../src/compile/compile.ts';
import type { CompileSettings } from '../../src/compile/settings.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import type { Packet } from '../../src/net/packet.ts';
import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Evaluation } from '../../src/ruleset/evaluate.ts';
import { localPolicyOf, packets, settings, worlds } from '../support/random-policy.ts';
import type { RandomSettings } from '../support/random-policy.ts';

const MARK_MASK = 0xffff0000;
const RUNS = Number(process.env['AGREEMENT_RUNS'] ?? 300);
const PACKETS_PER_WORLD = 20;

function compileSettings(random: RandomSettings): CompileSettings {
  return { ...random, logPrefix: 'calico-packet', logRateLimit: null, markMask: MARK_MASK };
}

interface Case {
  readonly policy: LocalPolicy;
  readonly settings: RandomSettings;
}

/** What both evaluators say, in terms that can be compared. */
interface Verdict {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'unsupported';
  readonly tracked: boolean;
}

function evaluated(evaluation: Evaluation): Verdict {
  return evaluation.verdict === 'unsupported'
    ? { verdict: 'unsupported', tracked: false }
    : { verdict: evaluation.verdict, tracked: evaluation.tracked };
}

function explained({ policy, settings: random }: Case, packet: Packet): Verdict {
  const { denial, tracked } = explainPacket({ policy, settings: random, packet });
  return { verdict: denial ?? 'accept', tracked };
}

function report(
  { policy, settings: random }: Case,
  packet: Packet,
  evaluation: Evaluation,
): string {
  const text = formatExplanation(explainPacket({ policy, settings: random, packet }));
  const hits = evaluation.hits.map(
    ({ hook, chain, index, comment }) => `${hook} ${chain}[${index}] ${comment}`,
  );
  const why = evaluation.verdict === 'unsupported' ? `: ${evaluation.why}` : '';
  return [text, `ruleset: ${evaluation.verdict}${why}`, ...hits].join('\n');
}

describe('compileRuleset', () => {
  it('gives every packet the verdict that policy gives it', function () {
    this.timeout(600_000);
    const manyPackets = fc.array(packets, {
      minLength: PACKETS_PER_WORLD,
      maxLength: PACKETS_PER_WORLD,
    });
    fc.assert(
      fc.property(worlds, settings, manyPackets, (world, random, many) => {
        const one: Case = { policy: localPolicyOf(world), settings: random };
        const ruleset = compileRuleset(one.policy, compileSettings(random));
        for (const packet of many) {
          const evaluation = evaluateRuleset(ruleset, packet);
          assert.deepEqual(
            evaluated(evaluation),
            explained(one, packet),
            report(one, packet, evaluation),
          );
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('leaves the mark bits of others alone', () => {
    fc.assert(
      fc.property(worlds, settings, packets, (world, random, packet) => {
        const ruleset = compileRuleset(localPolicyOf(world), compileSettings(random));
        const evaluation = evaluateRuleset(ruleset, packet);
        if (evaluation.verdict === 'unsupported') assert.fail(evaluation.why);
        assert.equal((evaluation.mark & ~MARK_MASK) >>> 0, (packet.mark & ~MARK_MASK) >>> 0);
      }),
    );
  });
});
