// Documents of a package, made from the sources of the project so that there is one text of each.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf } from './bundle.mjs';

const read = (path) => readFileSync(path, 'utf8');

/** Debian's changelog, from the newest section of CHANGELOG.md. */
export function debianChangelog({ version, date }) {
  const newest = read('CHANGELOG.md').split(/^## /m)[1] ?? '';
  const entries = newest.split(/^- /m).slice(1).map(changelogEntry);
  const day = date.toUTCString().replace('GMT', '+0000');
  return `rampart (${version}) unstable; urgency=medium\n\n${entries.join('')}\n -- Rampart maintainers <rampart@localhost>  ${day}\n`;
}

function changelogEntry(text) {
  const plain = text
    .split(/\n\s*\n/)[0]
    .replaceAll('`', '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `  * ${wrap(plain, 74).join('\n    ')}\n`;
}

function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== '' && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

/** rampart.yaml(5): the shipped configuration file says every key once; so does the page. */
export function configurationPage() {
  return read('packaging/man/rampart.yaml.5.in').replace('@KEYS@\n', keyEntries());
}

function keyEntries() {
  const lines = read('config/rampart.yaml').split('\n');
  let section = '';
  return lines
    .map((line, index) => {
      const key = /^( *)#([a-zA-Z]+): (.*)$/.exec(line);
      section = /^([a-zA-Z]+):/.exec(line)?.[1] ?? section;
      if (key === null) return '';
      const name = key[1] === '' ? key[2] : `${section}.${key[2]}`;
      const about = lines[index - 1].replace(/^ *# /, '');
      return `.TP\n.BR ${roff(name)} " (" ${quoted(key[3])} )\n${roff(about)}\n`;
    })
    .join('');
}

const quoted = (text) => `"${roff(text).replaceAll('"', '\\(dq')}"`;

function roff(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}

/** Debian's copyright file: ours, Node's, and those of the packages in the program. */
export function copyright(packages) {
  const files = packages.map((name) => {
    const { version, license, author } = manifestOf(name);
    const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
    return { name, version, license, holder: holder.replaceAll(/\s+/g, ' ') };
  });
  const bundled = files.map(
    ({ name, version, license, holder }) =>
      `Files: usr/lib/rampart/lib/* (${name} ${version})\nCopyright: ${holder}\nLicense: ${license}\n`,
  );
  return [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: rampart\n',
    'Files: *\nCopyright: 2026 the Rampart authors\nLicense: Apache-2.0\n On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.\n',
    'Files: usr/lib/rampart/bin/node\nCopyright: Node.js contributors, and others\nLicense: MIT and others\n The full text is in /usr/share/doc/rampart/NOTICES.gz.\n',
    ...bundled,
    'Comment: the licence texts of all of these are in /usr/share/doc/rampart/NOTICES.gz.\n',
  ].join('\n');
}

/** The licence texts of everything in a package that is not ours. */
export function notices(packages, nodeHome) {
  const texts = packages.map((name) => `${name}\n\n${licenceText(join('node_modules', name))}`);
  const node = `Node.js\n\n${read(join(nodeHome, 'LICENSE'))}`;
  return [node, ...texts].join(`\n${'='.repeat(78)}\n\n`);
}

function licenceText(home) {
  const file = readdirSync(home).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return read(join(home, file));
  const { license } = JSON.parse(read(join(home, 'package.json')));
  return `${license}\n`;
}
