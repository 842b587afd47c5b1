import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { it } from 'mocha';
import { COMMANDS } from '../../../daemon/ctl/commands.ts';
import { manPage } from '../../../daemon/ctl/man-page.ts';

const PAGE = 'packaging/man/rampartctl.8';

describe('rampartctl(8)', () => {
  it('is what the commands say of themselves', () => {
    const advice = `write it anew: npm run man`;
    assert.equal(readFileSync(PAGE, 'utf8'), manPage(COMMANDS), advice);
  });

  it('names every command with its options', () => {
    const page = manPage(COMMANDS);
    for (const { name, options } of COMMANDS) {
      assert.match(page, new RegExp(`^\\.SS ${name}( |$)`, 'm'));
      for (const { flags } of options)
        assert.ok(page.includes(flags.replaceAll('-', '\\-')), flags);
    }
  });

  it('is one that groff reads without a word', function () {
    const { status, stderr, error } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z', PAGE], {
      encoding: 'utf8',
    });
    if (error !== undefined) this.skip();
    assert.deepEqual([status, stderr], [0, '']);
  });
});
