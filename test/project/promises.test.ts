import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';

describe('the promises of ARCHITECTURE.md', () => {
  it('have a test each that carries their number', () => {
    const page = readFileSync('ARCHITECTURE.md', 'utf8');
    const section = page.slice(page.indexOf('## Promises'), page.indexOf('## If we die'));
    const numbers = [...section.matchAll(/^(\d+)\. (.*)$/gm)];
    assert.ok(numbers.length >= 9);
    const tests = testFiles()
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    // The protection from power-on comes with the packages and is tested with them.
    const promised = numbers.filter(([, , text]) => text?.includes('with the packages') !== true);
    for (const [, number, text] of promised) {
      assert.match(
        tests,
        new RegExp(`it\\(\\s*['"\`]promise ${number}: `),
        `promise ${number}: ${text}`,
      );
    }
  });
});

function testFiles(): readonly string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('test.ts'))
    .map((file) => join('test', file));
}
