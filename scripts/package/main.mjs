// `npm run package [-- --arch x64,arm64] [--format deb,rpm] [--out DIRECTORY] [--version VERSION]`: the packages, the
// same bytes from the same sources. `--compression none` is for tests: larger, and made in seconds. Needs dpkg-deb and rpmbuild.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeDeb } from './deb.mjs';
import { makeRpm } from './rpm.mjs';
import { fetchRuntime } from './runtime.mjs';
import { makeTree } from './tree.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '../..'));
process.umask(0o022);

const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: 'x64,arm64' },
    format: { type: 'string', default: 'deb,rpm' },
    compression: { type: 'string', default: 'xz' },
    out: { type: 'string', default: 'dist-packages' },
    version: { type: 'string', default: JSON.parse(readFileSync('package.json', 'utf8')).version },
  },
});

const MAKERS = { deb: makeDeb, rpm: makeRpm };
const { version, compression } = values;
const out = resolve(values.out);
const date = sourceDate();
const environment = {
  ...process.env,
  LC_ALL: 'C.UTF-8',
  SOURCE_DATE_EPOCH: String(date.getTime() / 1000),
};
mkdirSync(out, { recursive: true });
const names = [];
for (const arch of values.arch.split(',')) {
  const scratch = mkdtempSync(join(tmpdir(), 'rampart-package-'));
  try {
    const clean = join(scratch, 'clean');
    await makeTree(clean, { version, date, runtime: fetchRuntime(arch) });
    for (const format of values.format.split(',')) {
      const started = Date.now();
      const tree = join(scratch, format);
      cpSync(clean, tree, { recursive: true, preserveTimestamps: true });
      const name = MAKERS[format]({ tree, out, scratch, arch, version, environment, compression });
      console.log(`${name} in ${(Date.now() - started) / 1000} s`);
      names.push(name);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
const sums = names.sort().map((name) => `${sha256(join(out, name))}  ${name}\n`);
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));

// When the sources were last changed, so that the time of building leaves no trace.
function sourceDate() {
  const given = process.env['SOURCE_DATE_EPOCH'];
  const seconds =
    given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }).trim();
  return new Date(Number(seconds) * 1000);
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
