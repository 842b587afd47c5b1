import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeTransaction } from '../../src/nftables-json/encode-transaction.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import { nftText } from '../../src/ruleset/nft-text.ts';
import { fuzz, inTime } from './cases.ts';
import { hostileWorld } from './hostile-world.ts';
import { rulesetOf } from './pipeline.ts';
import { assertSafe } from './safe-text.ts';

describe('from bytes to rules, with hostile objects', function () {
  this.timeout(0);

  it('promise 8: throws nothing, hangs nowhere, and writes nothing that means more than itself', () => {
    fuzz(
      'from bytes to rules',
      fc.property(hostileWorld, (objects) => {
        inTime(() => {
          const ruleset = rulesetOf(objects);
          assertSafe(ruleset);
          encodeTransaction(diffRulesets({ kind: 'absent' }, ruleset));
          assert.ok([...nftText(ruleset)].length > 0);
        });
      }),
    );
  });
});
