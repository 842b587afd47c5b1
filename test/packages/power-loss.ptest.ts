import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { LAST_GOOD_FILE } from '../../src/agent/last-good.ts';
import { runCommand } from '../support/command.ts';
import { killed } from '../support/netns.ts';

const MOMENTS = 25;

describe('the state directory, when the power fails', function () {
  this.timeout(120_000);
  const home = mkdtempSync(join(tmpdir(), 'rampart-power-'));
  const at = (name: string): string => join(home, name);

  before(async function () {
    for (const name of ['live', 'dead']) mkdirSync(at(name));
    await runCommand(['truncate', '--size=48M', at('image')]);
    await runCommand(['mkfs.ext4', '-q', at('image')]);
    try {
      await runCommand(['mount', '-o', 'loop', at('image'), at('live')]);
    } catch (error) {
      process.stderr.write(`skipped: no loop device: ${String(error)}\n`);
      this.skip();
    }
  });
  after(async () => {
    await runCommand(['umount', at('live')]).catch(() => undefined);
    rmSync(home, { recursive: true });
  });

  it('holds last good rules that are whole, at every moment', async () => {
    const writer = spawn(
      process.execPath,
      ['--import=tsx', 'test/packages/state-writer.ts', at('live')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(writer.stdout, 'data');
    const sizes = new Set<number>();
    for (let moment = 0; moment < MOMENTS; moment++) {
      await pause(Math.random() * 60);
      // What the disk holds now, and nothing of what only the memory does.
      writer.kill('SIGSTOP');
      copyFileSync(at('image'), at('copy'));
      writer.kill('SIGCONT');
      await runCommand(['mount', '-o', 'loop', at('copy'), at('dead')]);
      const text = readFileSync(join(at('dead'), LAST_GOOD_FILE), 'utf8');
      await runCommand(['umount', at('dead')]);
      const [first = '', ...lines] = text.split('\n');
      assert.equal(lines.length - 1, Number(first.slice(2)), `moment ${moment}`);
      sizes.add(lines.length);
    }
    await killed(writer);
    assert.ok(sizes.size > MOMENTS / 5);
  });
});
