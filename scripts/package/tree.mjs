// What is installed, as a directory: the same for every kind of package.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PROGRAMS, bundlePrograms } from './bundle.mjs';
import { configurationPage, copyright, debianChangelog, notices } from './documents.mjs';

const LIB = 'usr/lib/rampart';
const DOC = 'usr/share/doc/rampart';

/** Where zsh looks for completions, but for Debian's. */
export const ZSH_COMPLETION = 'usr/share/zsh/site-functions/_rampartctl';

/** Makes the tree of a package for one architecture below `root`. */
export async function makeTree(root, { version, date, runtime }) {
  const put = (path, content, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), mode);
  };
  const copy = (from, path, mode = 0o644) => put(path, readFileSync(from), mode);
  const directory = (path, mode) => {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode);
  };
  const packages = await bundlePrograms(join(root, LIB, 'lib'));
  putProgram({ put, copy, root, version, runtime });
  putService({ copy });
  copy('config/rampart.yaml', 'etc/rampart/rampart.yaml');
  directory('etc/rampart/resources', 0o755);
  directory('etc/rampart/keys', 0o700);
  putDocuments({ put, packages, version, date, runtime });
  putCompletions({ put });
  settle(root, date);
}

function putProgram({ put, copy, root, version, runtime }) {
  put(`${LIB}/package.json`, `${JSON.stringify({ name: 'rampart', version, type: 'module' })}\n`);
  copy(join(runtime.node, 'bin/node'), `${LIB}/bin/node`, 0o755);
  for (const name of PROGRAMS) {
    const start = `#!/bin/sh\nexec /${LIB}/bin/node /${LIB}/lib/${name}.mjs "$@"\n`;
    put(`usr/sbin/${name}`, start, 0o755);
  }
  for (const name of readdirSync('node_modules/etcd3/proto')) {
    copy(`node_modules/etcd3/proto/${name}`, `${LIB}/proto/${name}`);
  }
  // Without the C sources: the native part is a package of its own.
  cpSync('node_modules/koffi', join(root, LIB, 'node_modules/koffi'), {
    recursive: true,
    filter: (path) =>
      !/\/(doc|vendor|lib|abi)$|\.(cc|hh|cjs|S|asm|md|txt|in|inc|def|d\.ts)$/.test(path),
  });
  const native = JSON.parse(readFileSync(join(runtime.koffi, 'package.json'), 'utf8')).name;
  cpSync(runtime.koffi, join(root, LIB, 'node_modules', native), {
    recursive: true,
    filter: (path) => !/\/musl_|README/.test(path),
  });
}

function putService({ copy }) {
  for (const name of readdirSync('systemd'))
    copy(`systemd/${name}`, `usr/lib/systemd/system/${name}`);
  copy('packaging/boot/rampart-boot', `${LIB}/rampart-boot`, 0o755);
  copy('packaging/boot/settings.sh', `${LIB}/settings.sh`);
  copy('packaging/boot/boot-policy.nft', `${LIB}/boot-policy.nft`);
  copy('packaging/common/remove-rules', `${LIB}/remove-rules`, 0o755);
  copy('packaging/common/sysusers.conf', 'usr/lib/sysusers.d/rampart.conf');
  copy('packaging/common/tmpfiles.conf', 'usr/lib/tmpfiles.d/rampart.conf');
}

function putDocuments({ put, packages, version, date, runtime }) {
  const zip = (text) => gzipSync(text, { level: 9 });
  put(`${DOC}/copyright`, copyright(packages));
  put(`${DOC}/NOTICES.gz`, zip(notices(packages, runtime.node)));
  put(`${DOC}/changelog.gz`, zip(debianChangelog({ version, date })));
  put(`${DOC}/README.md`, readFileSync('README.md'));
  for (const name of readdirSync('packaging/man').filter((file) => /\.\d$/.test(file))) {
    putPage(name, readFileSync(join('packaging/man', name)));
  }
  putPage('rampart.yaml.5', configurationPage());

  function putPage(name, text) {
    put(`usr/share/man/man${name.at(-1)}/${name}.gz`, zip(text));
  }
}

function putCompletions({ put }) {
  // From the sources: the program in the tree may be for another architecture.
  const tool = ['--import', 'tsx', 'daemon/rampartctl.ts', 'completion'];
  const script = (shell) => execFileSync(process.execPath, [...tool, shell]);
  put('usr/share/bash-completion/completions/rampartctl', script('bash'));
  put(ZSH_COMPLETION, script('zsh'));
}

// Modes and times are ours, not those of whoever builds.
function settle(root, date) {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) {
      if (!path.endsWith('etc/rampart/keys')) chmodSync(path, 0o755);
    } else if (path.includes(`${LIB}/lib/`) || path.includes(`${LIB}/node_modules/`)) {
      chmodSync(path, 0o644);
    }
    utimesSync(path, date, date);
  }
  chmodSync(root, 0o755);
  utimesSync(root, date, date);
}
