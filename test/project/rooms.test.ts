import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: { readonly violations: readonly unknown[] };
}

describe('the import table', () => {
  it('holds, and was checked on every source file', function () {
    this.timeout(60_000);
    const output = execFileSync(
      'node_modules/.bin/depcruise',
      ['src', 'daemon', '--output-type', 'json'],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    const { modules, summary } = JSON.parse(output) as Cruise;
    assert.deepEqual(summary.violations, []);
    const seen = new Set(modules.map(({ source }) => source));
    const files = sourceFiles();
    assert.ok(files.length > 100, 'there are source files');
    assert.deepEqual(
      files.filter((file) => !seen.has(file)),
      [],
    );
  });

  it('is the one that ARCHITECTURE.md shows', () => {
    const rules = readFileSync('.dependency-cruiser.cjs', 'utf8');
    const rooms = new Set(sourceFiles().flatMap((file) => /^src\/([^/]+)\//.exec(file)?.[1] ?? []));
    const page = readFileSync('ARCHITECTURE.md', 'utf8');
    for (const room of rooms) {
      assert.ok(page.includes(`\`src/${room}\``), `ARCHITECTURE.md does not show src/${room}`);
      assert.ok(rules.includes(room), `.dependency-cruiser.cjs does not know ${room}`);
    }
  });
});

function sourceFiles(): readonly string[] {
  return ['src', 'daemon'].flatMap((folder) => filesBelow(folder)).sort();
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}
