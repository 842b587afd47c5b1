import assert from 'node:assert/strict';
import { matchesSelector, selectorPredicate } from '../../src/selector/match.ts';
import { parseSelector } from '../../src/selector/parse.ts';
import type { Selector } from '../../src/selector/selector.ts';

function parsed(text: string): Selector {
  const result = parseSelector(text);
  assert.ok(result.ok, text);
  return result.value;
}

describe('matchesSelector', () => {
  it('asks for no more labels than it takes to decide', () => {
    const asked: string[] = [];
    const lookup = (key: string): string => {
      asked.push(key);
      return 'x';
    };
    assert.equal(matchesSelector(parsed('a == "y" && b == "x"'), lookup), false);
    assert.equal(matchesSelector(parsed('c == "x" || d == "x"'), lookup), true);
    assert.deepEqual(asked, ['a', 'c']);
  });

  it('finds a value in a set of thousands', () => {
    const values = Array.from({ length: 5000 }, (_, i) => `"v${i}"`).join(', ');
    const selector = parsed(`a in {${values}}`);
    assert.equal(
      matchesSelector(selector, () => 'v4999'),
      true,
    );
    assert.equal(
      matchesSelector(selector, () => 'v5000'),
      false,
    );
    assert.equal(
      matchesSelector(selector, () => undefined),
      false,
    );
  });
});

describe('selectorPredicate', () => {
  it('answers as matchesSelector does, and is made once for a selector', () => {
    const selector = parsed('a == "x" && !has(b)');
    const predicate = selectorPredicate(selector);
    assert.equal(
      predicate((key) => (key === 'a' ? 'x' : undefined)),
      true,
    );
    assert.equal(
      predicate(() => 'x'),
      false,
    );
    assert.equal(selectorPredicate(selector), predicate);
  });
});
