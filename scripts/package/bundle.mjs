// The program as one file for each entry point, with everything it needs but koffi, which finds its native part by
// its own place on disk.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeVersion } from './runtime.mjs';

/** The programs that there are. */
export const PROGRAMS = ['rampartd', 'rampartctl'].filter((name) =>
  existsSync(join('daemon', `${name}.ts`)),
);

// Packages in CommonJS ask for these, which modules do not have.
const BANNER = `import { createRequire as rampartRequire } from 'node:module';
const require = rampartRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

// A module that imports one of Node's gets all that this has, and what it would load when asked for: `node:http` a
// second HTTP client, 4 MB. Asked for by `require` it loads what is used.
const BUILT_INS = {
  name: 'built-ins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'built-in' } : { path, external: true },
    );
    onLoad({ filter: /^/, namespace: 'built-in' }, ({ path }) => ({
      contents: `module.exports = require('${path}');`,
    }));
  },
};

/** Writes the programs into `directory`; answers the names of the npm packages that are in them. */
export async function bundlePrograms(directory) {
  const { metafile } = await build({
    entryPoints: PROGRAMS.map((name) => `daemon/${name}.ts`),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    // Beside the programs: etcd3 finds its protos by its place.
    chunkNames: 'shared-[hash]',
    platform: 'node',
    format: 'esm',
    target: `node${nodeVersion}`,
    external: ['koffi'],
    minifyWhitespace: true,
    lineLimit: 120,
    plugins: [BUILT_INS],
    banner: { js: BANNER },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const name of PROGRAMS) {
    const file = join(directory, `${name}.mjs`);
    // /usr/sbin has the program; this is its text.
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^#!.*\n/, ''));
  }
  const names = Object.keys(metafile.inputs)
    .map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set([...names, 'koffi'])].sort();
}

/** What the manifest of an installed package says. */
export function manifestOf(name) {
  return JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8'));
}
