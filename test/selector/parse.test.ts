import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matchesSelector } from '../../src/selector/match.ts';
import { parseSelector } from '../../src/selector/parse.ts';
import { CASES } from './cases.ts';
import type { Case } from './cases.ts';
import { lookupIn, nearlySelectorText } from './generators.ts';

const inBrief = (text: string): string =>
  text.length > 60
    ? `${JSON.stringify(text.slice(0, 40))}… (${text.length})`
    : JSON.stringify(text);

function check(given: Case): void {
  const parsed = parseSelector(given.input);
  if ('error' in given) {
    assert.ok(!parsed.ok, 'parses');
    assert.match(parsed.error.message, given.error);
    assert.equal(parsed.error.offset, given.offset);
    return;
  }
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error.message);
  assert.equal(parsed.value.text, given.canonical);
  for (const [labels, selected] of given.truths ?? []) {
    const actual = matchesSelector(parsed.value, lookupIn(labels));
    assert.equal(actual, selected, `on ${JSON.stringify(labels)}`);
  }
}

describe('parseSelector', () => {
  for (const [group, cases] of Object.entries(CASES)) {
    describe(group, () => {
      for (const given of cases) {
        const outcome = 'error' in given ? 'refuses' : 'takes';
        it(`${outcome} ${inBrief(given.input)}`, () => {
          check(given);
        });
      }
    });
  }

  it('takes 200 levels of parentheses and refuses more', () => {
    const nested = (depth: number): string => '('.repeat(depth) + 'has(a)' + ')'.repeat(depth);
    assert.ok(parseSelector(nested(200)).ok);
    const tooDeep = parseSelector(nested(201));
    assert.ok(!tooDeep.ok);
    assert.match(tooDeep.error.message, /more than 200 levels deep/);
    assert.equal(tooDeep.error.offset, 200);
  });

  it('counts nesting, not parentheses', () => {
    const flat = Array.from({ length: 1000 }, () => '(has(a))').join(' && ');
    assert.ok(parseSelector(flat).ok);
  });

  it('survives a text nested far too deep, and one negated far too often', () => {
    assert.ok(!parseSelector('('.repeat(60_000)).ok);
    const negated = parseSelector('!'.repeat(60_001) + 'has(a)');
    assert.ok(negated.ok);
    assert.equal(negated.value.text, '!has(a)');
  });

  it('takes texts of up to 65,536 characters', () => {
    const padded = (length: number): string => 'has(a)'.padEnd(length, ' ');
    assert.ok(parseSelector(padded(65_536)).ok);
    const tooLong = parseSelector(padded(65_537));
    assert.ok(!tooLong.ok);
    assert.match(tooLong.error.message, /at most 65536 characters, this one has 65537/);
  });

  it('answers every text, with an offset inside it when it is refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearlySelectorText), (text) => {
        const parsed = parseSelector(text);
        if (parsed.ok) return;
        assert.ok(parsed.error.offset >= 0 && parsed.error.offset <= text.length);
        assert.notEqual(parsed.error.message, '');
      }),
      { numRuns: 2000 },
    );
  });

  it('offers hints that parse', () => {
    fc.assert(
      fc.property(nearlySelectorText, (text) => {
        const parsed = parseSelector(text);
        if (parsed.ok || parsed.error.hint === null) return;
        assert.ok(parseSelector(parsed.error.hint).ok, parsed.error.hint);
      }),
      { numRuns: 5000 },
    );
  });
});
