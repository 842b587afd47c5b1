import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileRuleset } from '../../src/compile/compile.ts';
import { isWouldDenyCounter } from '../../src/compile/names.ts';
import type { CompileSettings } from '../../src/compile/settings.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import type { ExplainSettings } from '../../src/explain/explain-settings.ts';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import type { Packet } from '../../src/net/packet.ts';
import type { LocalPolicy, LocalTier } from '../../src/policy/local-policy.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Evaluation } from '../../src/ruleset/evaluate.ts';
import {
  changeWorld,
  emptyStore,
  localPolicyOf,
  packets,
  settings,
  worlds,
} from '../support/random-policy.ts';
import type { World } from '../support/random-policy.ts';

const MARK_MASK = 0xffff0000;
// AGREEMENT_RUNS=20000 takes the better part of a minute.
const RUNS = Number(process.env['AGREEMENT_RUNS'] ?? 200);

function compileSettings(settingsOfBoth: ExplainSettings): CompileSettings {
  return {
    ...settingsOfBoth,
    logPrefix: 'calico-packet',
    logRateLimit: null,
    deniedLog: null,
    markMask: MARK_MASK,
  };
}

/** A policy in both forms. */
interface Subject {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
  readonly compiled: CompileSettings;
}

/** What both evaluators say, in terms that can be compared. */
interface Verdict {
  readonly verdict: Evaluation['verdict'];
  readonly tracked: boolean | null;
  /** How often it was counted as one that would have been denied. */
  readonly wouldDeny: number;
}

function verdictOf(evaluation: Evaluation): Verdict {
  const { verdict, hits } = evaluation;
  const counted = hits.flatMap(({ counters }) => counters).filter(isWouldDenyCounter);
  const tracked = verdict === 'unsupported' ? null : evaluation.tracked;
  return { verdict, tracked, wouldDeny: counted.length };
}

function enforcedPolicy({ endpoints, sets }: LocalPolicy): LocalPolicy {
  const enforced = (tiers: readonly LocalTier[]): readonly LocalTier[] =>
    tiers.map((tier) => ({ ...tier, enforcement: 'enforce' }));
  return {
    sets,
    endpoints: endpoints.map((endpoint) => ({
      ...endpoint,
      untracked: enforced(endpoint.untracked),
      preDNAT: enforced(endpoint.preDNAT),
      normal: enforced(endpoint.normal),
      forward: enforced(endpoint.forward),
    })),
  };
}

function assertAgreement(subject: Subject, many: readonly Packet[]): void {
  const ruleset = compileRuleset(subject.policy, subject.compiled);
  for (const packet of many) {
    const explanation = explainPacket({ ...subject, packet });
    const evaluation = evaluateRuleset(ruleset, packet);
    const expected = {
      verdict: explanation.denial ?? 'accept',
      tracked: explanation.tracked,
      wouldDeny: explanation.wouldDeny.length,
    };
    const report = `${formatExplanation(explanation)}\n${describeEvaluation(evaluation)}`;
    assert.deepEqual(verdictOf(evaluation), expected, report);
  }
}

function describeEvaluation(evaluation: Evaluation): string {
  const why = evaluation.verdict === 'unsupported' ? `: ${evaluation.why}` : '';
  const hits = evaluation.hits.map(
    ({ hook, chain, index, comment }) => `  ${hook} ${chain}[${index}] ${comment}`,
  );
  return [`ruleset: ${evaluation.verdict}${why}`, ...hits].join('\n');
}

const manyPackets = fc.array(packets, { minLength: 20, maxLength: 20 });

describe('compileRuleset', () => {
  it('gives every packet the verdict that policy gives it', function () {
    this.timeout(600_000);
    fc.assert(
      fc.property(worlds, settings, manyPackets, (world, same, many) => {
        const policy = localPolicyOf(world);
        assertAgreement({ policy, settings: same, compiled: compileSettings(same) }, many);
      }),
      { numRuns: RUNS },
    );
  });

  it('gives the same verdicts whatever was there before', function () {
    this.timeout(600_000);
    const history = fc.array(fc.tuple(worlds, manyPackets), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(history, settings, (steps, same) => {
        const store = emptyStore();
        const compiled = compileSettings(same);
        let before: World = { resources: [] };
        for (const [world, many] of steps) {
          const policy = changeWorld(store, before, world);
          assertAgreement({ policy, settings: same, compiled }, many);
          before = world;
        }
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });

  it('says of every packet what enforcing would make of it', function () {
    this.timeout(600_000);
    fc.assert(
      fc.property(worlds, settings, manyPackets, (world, same, many) => {
        const policy = localPolicyOf(world);
        const enforcing = enforcedPolicy(policy);
        for (const packet of many) {
          const { enforced } = explainPacket({ policy, settings: same, packet });
          const settingsThen: ExplainSettings = { ...same, enforcement: 'enforce' };
          const then = explainPacket({ policy: enforcing, settings: settingsThen, packet });
          assert.equal(enforced, then.verdict, formatExplanation(then));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('denies nothing on a host that observes, and never more in a tier that does', function () {
    this.timeout(600_000);
    fc.assert(
      fc.property(worlds, settings, manyPackets, (world, same, many) => {
        const policy = localPolicyOf(world);
        const compiled = compileSettings(same);
        const observing = compileRuleset(policy, { ...compiled, enforcement: 'observe' });
        const enforcing: CompileSettings = { ...compiled, enforcement: 'enforce' };
        const now = compileRuleset(policy, enforcing);
        const all = compileRuleset(enforcedPolicy(policy), enforcing);
        for (const packet of many) {
          assert.equal(evaluateRuleset(observing, packet).verdict, 'accept');
          if (evaluateRuleset(all, packet).verdict === 'accept')
            assert.equal(evaluateRuleset(now, packet).verdict, 'accept');
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('leaves the mark bits of others alone', () => {
    fc.assert(
      fc.property(worlds, settings, packets, (world, same, packet) => {
        const ruleset = compileRuleset(localPolicyOf(world), compileSettings(same));
        const evaluation = evaluateRuleset(ruleset, packet);
        if (evaluation.verdict === 'unsupported') assert.fail(evaluation.why);
        assert.equal((evaluation.mark & ~MARK_MASK) >>> 0, (packet.mark & ~MARK_MASK) >>> 0);
      }),
    );
  });
});
