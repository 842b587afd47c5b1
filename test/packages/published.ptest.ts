import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';

// Debian's libc6-arm64-cross and libstdc++6-arm64-cross: what the runtime is linked to.
const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu';
const EM_AARCH64 = 183;
const EM_X86_64 = 62;

function isMissing(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0;
}

/** What a program printed, errors included, and whether it was content. */
function run(program: string, ...args: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

describe('the packages as they are published, for every architecture', function () {
  this.timeout(300_000);
  const home = mkdtempSync(join(tmpdir(), 'rampart-published-'));
  const packages = (kind: string): readonly string[] =>
    readdirSync(home)
      .filter((name) => name.endsWith(kind))
      .map((name) => join(home, name));
  const trees = { arm64: EM_AARCH64, amd64: EM_X86_64 } as const;
  const libraryOf = (arch: string): string => join(home, arch, 'usr/lib/rampart');

  before(() => {
    execFileSync(process.execPath, ['scripts/package/main.mjs', '--out', home], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    for (const arch of Object.keys(trees)) {
      const [deb = ''] = packages(`_${arch}.deb`);
      execFileSync('dpkg-deb', ['--extract', deb, join(home, arch)]);
    }
  });
  after(() => {
    rmSync(home, { recursive: true });
  });

  it('are four, and their checksums are those of SHA256SUMS', () => {
    assert.equal(packages('.deb').length, 2);
    assert.equal(packages('.rpm').length, 2);
    const { status, said } = run('sh', '-c', `cd ${home} && sha256sum --quiet --check SHA256SUMS`);
    assert.equal(status, 0, said);
  });

  it('bring programs of their own architecture alone', () => {
    for (const [arch, machine] of Object.entries(trees)) {
      const programs = readdirSync(libraryOf(arch), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.node') || name.endsWith('bin/node'))
        .map((name) => readFileSync(join(libraryOf(arch), name)).subarray(0, 20));
      assert.equal(programs.length, 2, 'the runtime and koffi');
      for (const head of programs) {
        assert.equal(head.subarray(1, 4).toString(), 'ELF');
        assert.equal(head.readUInt16LE(18), machine, arch);
      }
    }
  });

  it('run on arm64: the daemon, the tool, and the native part', function () {
    const qemu = 'qemu-aarch64-static';
    if (isMissing(qemu) || !existsSync(ARM64_LIBRARIES)) {
      process.stderr.write(
        'skipped: install qemu-user-static, libc6-arm64-cross and libstdc++6-arm64-cross\n',
      );
      this.skip();
    }
    const library = libraryOf('arm64');
    const node = (...args: readonly string[]): { status: number | null; said: string } =>
      run(qemu, '-L', ARM64_LIBRARIES, join(library, 'bin/node'), ...args);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.equal(node(join(library, 'lib/rampartd.mjs'), '--version').said, `${version}\n`);
    const checked = node(join(library, 'lib/rampartctl.mjs'), 'check', 'examples/quarantine');
    assert.match(checked.said, /: 0 errors, 0 warnings/);
    const native = `import koffi from '${library}/node_modules/koffi/index.js';
      const getpid = koffi.load('libc.so.6').func('int getpid()');
      console.log(process.arch, getpid() === process.pid);`;
    assert.equal(node('--input-type=module', '--eval', native).said, 'arm64 true\n');
  });

  it('please lintian', function () {
    if (isMissing('lintian')) {
      process.stderr.write('skipped: install lintian\n');
      this.skip();
    }
    const { status, said } = run('lintian', '--fail-on', 'error,warning', ...packages('.deb'));
    assert.equal(status, 0, said);
    assert.doesNotMatch(said, /^[EW]: /m);
  });

  it('please rpmlint', function () {
    if (isMissing('rpmlint')) {
      process.stderr.write('skipped: install rpmlint\n');
      this.skip();
    }
    const { status, said } = run(
      'rpmlint',
      '-c',
      'packaging/rpm/rpmlint.toml',
      ...packages('.rpm'),
    );
    assert.equal(status, 0, said);
    assert.match(said, /2 packages .*0 errors, 0 warnings/);
  });
});
