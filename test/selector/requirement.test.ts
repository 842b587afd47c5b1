import assert from 'node:assert/strict';
import fc from 'fast-check';
import { selectorOf } from '../../src/selector/format.ts';
import { matchesSelector } from '../../src/selector/match.ts';
import { parseSelector } from '../../src/selector/parse.ts';
import { selectorRequirement } from '../../src/selector/requirement.ts';
import type { Requirement } from '../../src/selector/requirement.ts';
import { labels, lookupIn, selectorNode } from './generators.ts';

function fulfils(requirement: Requirement, map: Readonly<Record<string, string>>): boolean {
  const lookup = lookupIn(map);
  switch (requirement.kind) {
    case 'none':
      return true;
    case 'never':
      return false;
    case 'has':
      return lookup(requirement.key) !== undefined;
    case 'values': {
      const value = lookup(requirement.key);
      return value !== undefined && requirement.values.includes(value);
    }
  }
}

const NONE: Requirement = { kind: 'none' };
const NEVER: Requirement = { kind: 'never' };
const has = (key: string): Requirement => ({ kind: 'has', key });
const oneOf = (key: string, ...values: string[]): Requirement => ({ kind: 'values', key, values });

const REQUIREMENTS: readonly (readonly [text: string, requirement: Requirement])[] = [
  ['all()', NONE],
  ['global()', NONE],
  ['!all()', NEVER],
  ['has(a)', has('a')],
  ['a == "x"', oneOf('a', 'x')],
  ['a != "x"', NONE],
  ['!a != "x"', oneOf('a', 'x')],
  ['a in {"y", "x"}', oneOf('a', 'x', 'y')],
  ['a in {}', NEVER],
  ['a not in {}', NONE],
  ['!a not in {}', NEVER],
  ['!a not in {"x"}', oneOf('a', 'x')],
  ['a contains "x"', has('a')],
  ['a starts with "x"', has('a')],
  ['a ends with "x"', has('a')],
  ['!a ends with "x"', NONE],
  ['!has(a)', NONE],
  // Of what must all hold, the most selective.
  ['has(a) && b == "x" && c in {"1", "2"}', oneOf('b', 'x')],
  ['c in {"1", "2"} && has(a)', oneOf('c', '1', '2')],
  ['a != "x" && has(b)', has('b')],
  ['a == "x" && b in {}', NEVER],
  ['a == "x" && b == "y"', oneOf('a', 'x')],
  // Of what may hold, what all share.
  ['a == "y" || a == "x" || a in {"z", "x"}', oneOf('a', 'x', 'y', 'z')],
  ['a == "x" || has(a)', has('a')],
  ['a == "x" || b == "x"', NONE],
  ['a == "x" || !has(a)', NONE],
  ['a == "x" || a in {}', oneOf('a', 'x')],
  ['a in {} || b in {}', NEVER],
  // Negations move inwards.
  ['!(a != "x" || !has(b))', oneOf('a', 'x')],
  ['!(a != "x" && a != "y")', oneOf('a', 'x', 'y')],
  ['!(a == "x" || has(b))', NONE],
];

describe('selectorRequirement', () => {
  for (const [text, requirement] of REQUIREMENTS) {
    it(`of ${text} is ${JSON.stringify(requirement)}`, () => {
      const parsed = parseSelector(text);
      assert.ok(parsed.ok);
      assert.deepEqual(selectorRequirement(parsed.value), requirement);
    });
  }

  it('is fulfilled by everything the selector selects', () => {
    let selected = 0;
    fc.assert(
      fc.property(selectorNode, labels, (node, map) => {
        const selector = selectorOf(node);
        if (!matchesSelector(selector, lookupIn(map))) return;
        selected += 1;
        assert.ok(fulfils(selectorRequirement(selector), map));
      }),
      { numRuns: 3000 },
    );
    assert.ok(selected > 500, `only ${selected} selectors matched anything`);
  });
});
