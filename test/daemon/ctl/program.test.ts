import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ONLINE_COMMANDS } from '../../../daemon/ctl/online/online-commands.ts';
import { COMMANDS } from '../../../daemon/ctl/commands.ts';
import { formatTable } from '../../../daemon/ctl/table.ts';
import { HOSTS } from './resources.ts';
import { ctl } from './run.ts';

describe('rampartctl', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'rampart-ctl-'));
    mkdirSync(join(root, 'resources'));
    writeFileSync(join(root, 'resources', '10-hosts.yaml'), HOSTS);
    cpSync(join(root, 'resources'), join(root, 'new'), { recursive: true });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  for (const { name, examples, options } of COMMANDS) {
    const isOnline = ONLINE_COMMANDS.some((one) => one.name === name);
    const isOffline =
      !isOnline &&
      (['check', 'completion'].includes(name) ||
        options.some(({ flags }) => flags.startsWith('--resources')));
    it(`${name} has examples in its help`, async () => {
      assert.ok(examples.length > 0);
      const { exitCode, out } = await ctl([name, '--help']);
      assert.equal(exitCode, 0);
      for (const { line } of examples) assert.ok(out.includes(line), line);
    });
    for (const { line } of examples) {
      const needsDaemon = !isOffline || (options.length > 0 && !line.includes('--resources'));
      if (needsDaemon) continue;
      it(`example: ${line}`, async () => {
        const words = line.replaceAll('/etc/rampart', root).split(' ').slice(1);
        const { exitCode, out, err } = await ctl(words);
        assert.deepEqual([exitCode, err], [0, '']);
        assert.notEqual(out, '');
      });
    }
  }

  it('suggests the nearest command, and says how to get help', async () => {
    const { exitCode, err } = await ctl(['rendr']);
    assert.equal(exitCode, 64);
    assert.match(err, /^rampartctl: unknown command 'rendr'\n\(Did you mean render\?\)\n/);
  });

  it('documents its exit codes', async () => {
    const { out } = await ctl(['--help']);
    assert.match(out, /Exit codes:\n {2}0 /);
    assert.match(out, / {2}69 {2}rampartd does not run here/);
  });

  it('prints tables no wider than asked for, losing nothing', () => {
    const rows = [
      ['a', 'one two three four five six seven eight nine'],
      ['bb', '#'.repeat(50)],
    ];
    const table = formatTable(['NAME', 'WHAT'], rows, 30);
    assert.ok(table.split('\n').every((line) => line.length <= 30));
    assert.equal(table.replaceAll(/[^#]/g, '').length, 50);
    assert.equal(formatTable(['A', 'B'], [['c', 'd']], Infinity), 'A  B\nc  d');
  });
});
