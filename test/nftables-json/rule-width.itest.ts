import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, it } from 'mocha';
import { encodeTransaction } from '../../src/nftables-json/encode-transaction.ts';
import type { Transaction } from '../../src/ruleset/transaction.ts';
import { expressionCount } from '../support/expression-count.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { RULES, TABLE_SAMPLE } from './samples.ts';
import { nft } from './test-system.ts';

/** How many expressions nft gives to each rule, in the order they are added; the kernel has taken them. */
function loaded(transaction: Transaction): readonly number[] {
  const directory = mkdtempSync(join(tmpdir(), 'rampart-width-'));
  try {
    const file = join(directory, 'ruleset.json');
    writeFileSync(file, JSON.stringify({ nftables: encodeTransaction(transaction) }));
    // A rule is a line with family, table and chain, then a line for each expression.
    const shown = execFileSync('nft', ['-j', '--debug=netlink', '-f', file], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const rules = shown.split(/^inet rampart \S+ *$/m);
    return rules.slice(1).map((rule) => rule.match(/^ {2}\[ /gm)?.length ?? 0);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describeInOwnNamespace('the width of a rule', () => {
  afterEach(() => {
    nft('flush', 'ruleset');
  });

  it('is never more than what the tests reckon with, for every match and statement', () => {
    const counts = loaded(TABLE_SAMPLE);
    assert.equal(counts.length, RULES.length + 1);
    for (const [i, rule] of RULES.entries()) {
      const count = counts[i] ?? Infinity;
      assert.ok(count <= expressionCount(rule), `${count}: ${JSON.stringify(rule)}`);
    }
  });
});
