import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 'docs/faults.md';
const TESTS = 'test/faults';

/** Acceptance rows that faults answer for; row 138 is a reboot and belongs to the packages. */
const ROWS = ['139', '140', '141', '143', '144', '145'];

/** Names in the column "test" of all tables that have one, divided by `<br>`. */
function namedTests(page: string): readonly string[] {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  return rows
    .flatMap(([, , , test = '']) => test.split('<br>'))
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'test' && !/^-+$/.test(name));
}

/** Whether a test of this name is among the sources; those of a list carry their row's number in front. */
function isWritten(name: string, sources: readonly string[]): boolean {
  const listed = name.replace(/^row \d+: /, '');
  return sources.some(
    (text) =>
      text.includes(`${name}'`) ||
      text.includes(`['${listed}'`) ||
      text.includes(`    '${listed}',`),
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
    assert.deepEqual(
      names.filter((name) => !isWritten(name, sources)),
      [],
    );
  });

  it('names a test for each acceptance row that is about faults', () => {
    const rows = namedTests(page).map((name) => /^row (\d+): /.exec(name)?.[1]);
    assert.deepEqual(
      ROWS.filter((row) => !rows.includes(row)),
      [],
    );
  });

  it('names at least thirty of them', () => {
    assert.ok(namedTests(page).length >= 30);
  });

  it('names files that exist', () => {
    const files = [...page.matchAll(/`(test\/[^`]+\.ts)`/g)].map(([, file]) => file ?? '');
    assert.deepEqual(
      files.filter((file) => !existsSync(file)),
      [],
    );
  });
});
