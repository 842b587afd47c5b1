import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { goldenCases, renderCase } from './cases.ts';

// RAMPART_UPDATE_GOLDEN=1 keeps what comes out today; the difference is then to be read like code.
const isUpdate = process.env['RAMPART_UPDATE_GOLDEN'] === '1';

describe('golden rulesets', function () {
  // The first one loads the modules of the command.
  this.timeout(10_000);

  it('there are at least ten', () => {
    assert.ok(goldenCases().length >= 10);
  });

  for (const one of goldenCases()) {
    it(one.name, async () => {
      const ruleset = await renderCase(one);
      if (isUpdate) writeFileSync(one.rulesetFile, ruleset);
      else assert.equal(ruleset, one.ruleset);
    });
  }
});
