import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const UNIT = new URL('../../systemd/rampart.service', import.meta.url);

/** `systemd-analyze security` on a scale of 0 to 10; less is better. */
const MOST_EXPOSURE = 1.7;

function values(unit: string, name: string): readonly string[] {
  return unit
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));
}

describe('systemd/rampart.service', () => {
  let directory: string;
  let path: string;
  let unit: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rampart-unit-'));
    path = join(directory, 'rampart.service');
    unit = await readFile(UNIT, 'utf8');
    // The program is not installed where this test runs, and verify asks for it.
    await writeFile(path, unit.replace('ExecStart=/usr/sbin/rampartd', 'ExecStart=/bin/true'));
  });
  after(() => rm(directory, { recursive: true }));

  it('passes systemd-analyze verify without a word', async () => {
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', path]);
    assert.equal(stdout + stderr, '');
  });

  it(`is exposed by ${MOST_EXPOSURE} at most`, async () => {
    const { stdout } = await run('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      path,
    ]);
    const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? 'not found';
    assert.ok(Number(exposure) <= MOST_EXPOSURE, exposure);
  });

  it('leaves V8 its writable and executable memory', () => {
    assert.deepEqual(values(unit, 'MemoryDenyWriteExecute'), []);
  });

  it('keeps one capability', () => {
    assert.deepEqual(values(unit, 'CapabilityBoundingSet'), ['CAP_NET_ADMIN']);
  });

  it('does not restart after what a restart cannot mend, and never gives up after others', () => {
    assert.deepEqual(values(unit, 'RestartPreventExitStatus'), ['69 78']);
    assert.deepEqual(values(unit, 'Restart'), ['on-failure']);
    assert.deepEqual(values(unit, 'StartLimitIntervalSec'), ['0']);
  });
});
