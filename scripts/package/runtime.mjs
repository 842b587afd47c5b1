// What a package brings for one architecture that is not ours: the Node runtime and koffi's native part, exactly the
// files whose checksums are pinned in packaging/runtime.json and package-lock.json.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join('node_modules', '.cache', 'rampart-packages');

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The Node release in the packages. */
export const { version: nodeVersion } = readJson('packaging/runtime.json');

/** Answers the unpacked directories of Node and of koffi's native part for `arch`: x64 or arm64. */
export function fetchRuntime(arch) {
  const { version, integrity } = readJson('packaging/runtime.json');
  const native = `@koromix/koffi-linux-${arch}`;
  const koffi = readJson('package-lock.json').packages[`node_modules/${native}`];
  return {
    node: fetchPackage(`node-linux-${arch}`, version, integrity[arch]),
    koffi: fetchPackage(native, koffi.version, koffi.integrity),
  };
}

function fetchPackage(name, version, integrity) {
  const home = join(CACHE, `${name.replaceAll('/', '-')}-${version}`);
  if (existsSync(home)) return home;
  const scratch = `${home}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  try {
    const args = ['pack', '--silent', '--pack-destination', scratch, `${name}@${version}`];
    const file = join(scratch, execFileSync('npm', args, { encoding: 'utf8' }).trim());
    const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    if (found !== integrity) {
      throw new Error(`${name}@${version} is not the pinned one: ${found} instead of ${integrity}`);
    }
    execFileSync('tar', [
      '-xzf',
      file,
      '-C',
      scratch,
      '--no-same-owner',
      '--exclude=package/include',
    ]);
    renameSync(join(scratch, 'package'), home);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return home;
}
