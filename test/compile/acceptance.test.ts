import assert from 'node:assert/strict';
import { compileRuleset } from '../../src/compile/compile.ts';
import type { Packet } from '../../src/net/packet.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Evaluation } from '../../src/ruleset/evaluate.ts';
import { ACCEPTANCE_ROWS } from '../support/acceptance-rows.ts';
import { PARITY } from '../support/acceptance/acceptance-row.ts';
import type { AcceptanceRow } from '../support/acceptance/acceptance-row.ts';
import { localPolicy } from '../support/policy-objects.ts';

function outcome(evaluation: Evaluation): string {
  if (evaluation.verdict === 'unsupported') return evaluation.why;
  if (evaluation.verdict !== 'accept') return evaluation.verdict;
  return evaluation.tracked ? 'accept' : 'accept untracked';
}

function checkRow(row: AcceptanceRow): void {
  const settings = { ...PARITY, ...row.settings };
  const ruleset = compileRuleset(localPolicy(row.resources), {
    ...settings,
    logPrefix: 'calico-packet',
    logRateLimit: null,
    deniedLog: null,
    markMask: 0xffff0000,
  });
  const check = (packets: readonly Packet[] | undefined, expected: RegExp): void => {
    for (const packet of packets ?? []) {
      const evaluation = evaluateRuleset(ruleset, packet);
      assert.match(outcome(evaluation), expected, JSON.stringify({ packet, evaluation }, null, 1));
    }
  };
  check(row.allowed, /^accept/);
  check(row.untracked, /^accept untracked$/);
  check(row.denied, /^drop$/);
}

describe('compileRuleset, evaluated', () => {
  for (const [chapter, rows] of Object.entries(ACCEPTANCE_ROWS)) {
    describe(chapter, () => {
      for (const row of rows) {
        it(row.name, () => {
          checkRow(row);
        });
      }
    });
  }
});
