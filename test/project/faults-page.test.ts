import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 'docs/faults.md';
const TESTS = 'test/faults';

/** Cells of the column "test" in all tables that have one; `\|` does not end a cell. */
function namedTests(page: string): readonly string[] {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  return rows.flatMap(([, , , test]) =>
    test === undefined || test === 'test' || /^-+$/.test(test) ? [] : [test],
  );
}

describe('the page of faults', () => {
  const page = readFileSync(PAGE, 'utf8');
  const sources = readdirSync(TESTS)
    .filter((name) => /\.[il]test\.ts$/.test(name))
    .map((name) => readFileSync(join(TESTS, name), 'utf8'));

  it('names tests that exist, each once', () => {
    const names = namedTests(page);
    assert.ok(names.length > 0);
    assert.equal(new Set(names).size, names.length);
    const missing = names.filter((name) => !sources.some((text) => text.includes(`${name}'`)));
    assert.deepEqual(missing, []);
  });

  it('names files that exist', () => {
    const files = [...page.matchAll(/`(test\/[^`]+\.ts)`/g)].map(([, file]) => file ?? '');
    assert.deepEqual(
      files.filter((file) => !existsSync(file)),
      [],
    );
  });
});
