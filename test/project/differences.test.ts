import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { FELIX_OUTPUT_BUG } from '../recorded/felix-output-bug.ts';
import { KNOWN_DIFFERENCES } from '../recorded/known-differences.ts';

const page = readFileSync('docs/differences.md', 'utf8');
const rows = page.split('\n').filter((line) => /^\| (?!difference|-)/.test(line));

/** The tests that a row names: a file, and parts of its text. */
function testsOf(
  row: string,
): readonly { readonly file: string; readonly parts: readonly string[] }[] {
  const cell = row.split('|').at(-2) ?? '';
  return cell.split(';').map((named) => {
    const [file = '', ...parts] = [...named.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
    return { file, parts };
  });
}

describe('docs/differences.md', () => {
  it('gives the reason of every difference that a replay of recorded scenarios allows', () => {
    for (const reason of [FELIX_OUTPUT_BUG, ...KNOWN_DIFFERENCES.map((one) => one.reason)])
      assert.ok(page.includes(reason), reason);
  });

  assert.ok(rows.length > 10);
  for (const row of rows)
    it(`names tests that exist: ${row.split('|')[1]?.trim() ?? ''}`, () => {
      for (const { file, parts } of testsOf(row)) {
        const source = readFileSync(file, 'utf8').replaceAll(/\s+/g, ' ');
        assert.notEqual(parts.length, 0);
        for (const part of parts) assert.ok(source.includes(part), `${file} has no "${part}"`);
      }
    });
});
