import assert from 'node:assert/strict';
import { explainPacket } from '../../src/explain/explain.ts';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import type { Packet } from '../../src/net/packet.ts';
import { ACCEPTANCE_ROWS } from '../support/acceptance-rows.ts';
import { PARITY } from '../support/acceptance/acceptance-row.ts';
import type { AcceptanceRow } from '../support/acceptance/acceptance-row.ts';
import { localPolicy } from '../support/policy-objects.ts';

function checkRow(row: AcceptanceRow): void {
  const policy = localPolicy(row.resources);
  const settings = { ...PARITY, ...row.settings };
  const check = (
    packets: readonly Packet[] | undefined,
    verdict: 'allow' | 'deny',
    tracked: boolean | null,
  ): void => {
    for (const packet of packets ?? []) {
      const explanation = explainPacket({ policy, settings, packet });
      const text = formatExplanation(explanation);
      assert.equal(explanation.verdict, verdict, text);
      if (tracked !== null) assert.equal(explanation.tracked, tracked, text);
    }
  };
  check(row.allowed, 'allow', null);
  check(row.untracked, 'allow', false);
  check(row.denied, 'deny', null);
}

describe('explainPacket', () => {
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
