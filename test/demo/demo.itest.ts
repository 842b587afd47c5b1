import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STORY } from '../../demo/story.ts';
import { namespaceNames } from '../support/netns.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MARK = `DEMO_UNDER_TEST=${randomUUID()}`;
const NOT_ROOT = 'data:text/javascript,process.getuid=()=>1000';

interface Run {
  readonly child: ChildProcess;
  readonly scratch: string;
  readonly output: () => string;
}

/** Starts the demo from its sources, marked so that every process of it can be told. */
function startDemo(...nodeOptions: readonly string[]): Run {
  const scratch = mkdtempSync(join(tmpdir(), 'demo-test-'));
  const [name = '', value] = MARK.split('=');
  const child = spawn(process.execPath, ['--import', 'tsx', ...nodeOptions, 'demo/run.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      [name]: value,
      TMPDIR: scratch,
      RAMPART_TEST_DAEMON: `${process.execPath} --import tsx daemon/rampartd.ts`,
    },
  });
  let text = '';
  const hear = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return { child, scratch, output: () => text };
}

async function ended({ child }: Run): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

/** Waits until the demo has printed something that matches. */
async function printed({ child, output }: Run, pattern: RegExp): Promise<void> {
  while (!pattern.test(output())) {
    if (child.exitCode !== null) throw new Error(`the demo ended: ${output()}`);
    if (child.stdout !== null) await once(child.stdout, 'data');
  }
}

function processes(): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^[0-9]+$/.test(pid) && isMarked(pid));
}

function isMarked(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(MARK);
  } catch {
    // It ended while we looked.
    return false;
  }
}

/** What a run has left: processes, namespaces, files (but for the cache of the TypeScript loader). */
function leftovers({ child, scratch }: Run): readonly string[] {
  const own = `rampart-${(child.pid ?? 0).toString(16)}z`;
  const files = existsSync(scratch) ? readdirSync(scratch) : [];
  return [
    ...processes(),
    ...namespaceNames().filter((name) => name.startsWith(own)),
    ...files.filter((file) => !file.startsWith('tsx-')),
  ];
}

describe('the demo', function () {
  this.timeout(120_000);
  let run: Run;

  afterEach(() => {
    run.child.kill('SIGTERM');
    rmSync(run.scratch, { recursive: true, force: true });
  });

  it('tells its whole story without a surprise and leaves nothing behind', async () => {
    run = startDemo();
    const status = await ended(run);
    const output = run.output();
    assert.equal(status, 0, output);
    for (const [i, { title }] of STORY.entries())
      assert.ok(output.includes(`${i + 1}. ${title}\n`));
    assert.match(output, /\n[0-9]{3,} connections as expected, 0 surprises/);
    assert.match(output, /Log rules of security-operations\.quarantine counted [1-9]/);
    assert.deepEqual(
      output.split('\n').filter((line) => line.length > 100),
      [],
    );
    assert.ok(!output.includes('\u001b'), 'no colours in a pipe');
    assert.deepEqual(leftovers(run), []);
  });

  it('cleans up when it is interrupted', async () => {
    run = startDemo();
    await printed(run, /3\. .*\n/);
    assert.notDeepEqual(leftovers(run), []);
    run.child.kill('SIGINT');
    assert.equal(await ended(run), 130);
    // A killed child is gone once the kernel has cleaned up after it.
    const deadline = Date.now() + 5000;
    while (leftovers(run).length > 0 && Date.now() < deadline) await delay(20);
    assert.deepEqual(leftovers(run), []);
  });

  it('says that it needs root', async () => {
    run = startDemo('--import', NOT_ROOT);
    assert.equal(await ended(run), 1);
    assert.match(run.output(), /as root/);
  });
});
