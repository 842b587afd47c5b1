import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { SETTING_KEYS } from '../../src/config/setting-keys.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const DEB = `rampart_${version}_amd64.deb`;
const RPM = `rampart-${version}.x86_64.rpm`;

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('npm run package', () => {
  const home = mkdtempSync(join(tmpdir(), 'rampart-packages-'));
  const build = (out: string): void => {
    const fast = ['--arch', 'x64', '--compression', 'none'];
    run(process.execPath, 'scripts/package/main.mjs', ...fast, '--out', join(home, out));
  };

  before(function () {
    this.timeout(60_000);
    // scripts/setup.sh says so when it could not download the Node runtime.
    if (!existsSync('node_modules/.cache/rampart-packages')) this.skip();
    build('first');
  });
  after(() => {
    rmSync(home, { recursive: true });
  });

  it('makes the same bytes from the same sources', () => {
    build('second');
    for (const name of [DEB, RPM]) {
      const [first, second] = ['first', 'second'].map((out) => readFileSync(join(home, out, name)));
      assert.ok(first?.equals(second ?? Buffer.alloc(0)), name);
    }
    run('sh', '-c', `cd "${home}/first" && sha256sum --quiet --check SHA256SUMS`);
  });

  it('makes a program that starts with the runtime it brings, and is owned by root', () => {
    run('dpkg-deb', '--extract', join(home, 'first', DEB), join(home, 'tree'));
    const lib = join(home, 'tree/usr/lib/rampart');
    assert.equal(
      run(join(lib, 'bin/node'), join(lib, 'lib/rampartd.mjs'), '--version'),
      `${version}\n`,
    );
    const koffi = `import koffi from '${lib}/node_modules/koffi/index.js'; console.log(koffi.version)`;
    assert.match(run(join(lib, 'bin/node'), '--input-type=module', '--eval', koffi), /^\d/);
    const listing = run('dpkg-deb', '--contents', join(home, 'first', DEB))
      .trim()
      .split('\n');
    assert.deepEqual(
      listing.filter((line) => !line.includes(' root/root ')),
      [],
    );
    assert.match(listing.join('\n'), /^drwx------ .*\/etc\/rampart\/keys\/$/m);
  });

  it('keeps the configuration file of the administrator', () => {
    const conffiles = run('dpkg-deb', '--info', join(home, 'first', DEB), 'conffiles');
    assert.equal(conffiles, '/etc/rampart/rampart.yaml\n');
    const rpm = join(home, 'first', RPM);
    assert.equal(run('rpm', '-qp', '--configfiles', rpm), '/etc/rampart/rampart.yaml\n');
    assert.match(run('rpm', '-qp', '--scripts', rpm), /preuninstall/);
  });

  it('explains every key in rampart.yaml(5)', () => {
    const page = run('zcat', join(home, 'tree/usr/share/man/man5/rampart.yaml.5.gz'));
    for (const { key, schema } of SETTING_KEYS) {
      assert.equal(page.includes(`\n.BR ${key} `), schema.isSecret !== true, key);
    }
  });
});
