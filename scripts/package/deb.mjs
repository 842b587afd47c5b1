// A Debian package of a tree, with dpkg-deb.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ZSH_COMPLETION } from './tree.mjs';

const ARCHITECTURE = { x64: 'amd64', arm64: 'arm64' };
const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** Writes the package into `out`; answers its file name. */
export function makeDeb({ tree, out, arch, version, environment, compression }) {
  const architecture = ARCHITECTURE[arch];
  mkdirSync(join(tree, 'usr/share/lintian/overrides'), { recursive: true });
  cpSync('packaging/deb/lintian-overrides', join(tree, 'usr/share/lintian/overrides/rampart'));
  useDebianZsh(tree);
  const files = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const kibibytes = files.reduce((sum, file) => sum + Math.ceil(statSync(file).size / 1024), 0);
  const control = join(tree, 'DEBIAN');
  mkdirSync(control);
  const text = readFileSync('packaging/deb/control', 'utf8')
    .replace('@VERSION@', version)
    .replace('@ARCHITECTURE@', architecture)
    .replace('@SIZE@', String(kibibytes));
  writeFileSync(join(control, 'control'), text);
  writeFileSync(join(control, 'conffiles'), '/etc/rampart/rampart.yaml\n');
  const sums = files
    .filter((file) => !file.includes('/etc/'))
    .map((file) => `${md5(file)}  ${relative(tree, file)}\n`);
  writeFileSync(join(control, 'md5sums'), sums.join(''));
  for (const name of SCRIPTS) {
    cpSync(join('packaging/deb', name), join(control, name));
    chmodSync(join(control, name), 0o755);
  }
  chmodSync(control, 0o755);
  const name = `rampart_${version}_${architecture}.deb`;
  const args = [
    '--root-owner-group',
    `-Z${compression}`,
    '-z1',
    '--threads-max=1',
    '--build',
    tree,
  ];
  execFileSync('dpkg-deb', [...args, join(out, name)], { env: environment, stdio: 'pipe' });
  return name;
}

// Debian's zsh looks for the completions of packages in a directory of its own.
function useDebianZsh(tree) {
  const [from, to] = [ZSH_COMPLETION, 'usr/share/zsh/vendor-completions/_rampartctl'].map((path) =>
    join(tree, path),
  );
  mkdirSync(dirname(to));
  renameSync(from, to);
  rmdirSync(dirname(from));
}

const md5 = (file) => createHash('md5').update(readFileSync(file)).digest('hex');
