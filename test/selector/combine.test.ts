import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  allSelector,
  andSelectors,
  mentionsGlobal,
  notSelector,
  prefixLabels,
} from '../../src/selector/combine.ts';
import { selectorOf } from '../../src/selector/format.ts';
import { matchesSelector } from '../../src/selector/match.ts';
import { parseSelector } from '../../src/selector/parse.ts';
import type { Selector } from '../../src/selector/selector.ts';
import { labels, lookupIn, selectorNode } from './generators.ts';

const selector = selectorNode.map(selectorOf);

function parsed(text: string): Selector {
  const result = parseSelector(text);
  assert.ok(result.ok, text);
  return result.value;
}

function isCanonical({ text }: Selector): void {
  assert.equal(parsed(text).text, text);
}

describe('andSelectors', () => {
  it('selects what both select', () => {
    fc.assert(
      fc.property(selector, selector, labels, (a, b, map) => {
        const both = andSelectors(a, b);
        const lookup = lookupIn(map);
        assert.equal(
          matchesSelector(both, lookup),
          matchesSelector(a, lookup) && matchesSelector(b, lookup),
        );
        isCanonical(both);
      }),
    );
  });

  it('leaves out all()', () => {
    const web = parsed('role == "web"');
    assert.equal(andSelectors(allSelector, web).text, 'role == "web"');
    assert.equal(andSelectors(web, allSelector).text, 'role == "web"');
    assert.equal(andSelectors(allSelector, allSelector).text, 'all()');
  });

  it('says the same thing once', () => {
    assert.equal(andSelectors(parsed('has(a)'), parsed('has( a )')).text, 'has(a)');
  });

  it('joins lists into one list, so a chain of them stays shallow', () => {
    const chain = ['a', 'b', 'c'].map((key) => parsed(`has(${key})`)).reduce(andSelectors);
    assert.equal(chain.text, '(has(a) && has(b) && has(c))');
  });
});

describe('notSelector', () => {
  it('selects what the selector does not select', () => {
    fc.assert(
      fc.property(selector, labels, (a, map) => {
        const lookup = lookupIn(map);
        assert.equal(matchesSelector(notSelector(a), lookup), !matchesSelector(a, lookup));
        isCanonical(notSelector(a));
      }),
    );
  });

  it('undoes itself', () => {
    fc.assert(
      fc.property(selector, (a) => {
        assert.deepEqual(notSelector(notSelector(a)), a);
      }),
    );
  });
});

describe('prefixLabels', () => {
  const VECTORS: readonly (readonly [text: string, prefixed: string])[] = [
    ["env == 'prod'", 'pcns.env == "prod"'],
    ["!has(k) || (has(k) && !k in {'v'})", '(!has(pcns.k) || (has(pcns.k) && !pcns.k in {"v"}))'],
    ['k not in {"a"} && k contains "a"', '(pcns.k not in {"a"} && pcns.k contains "a")'],
    ['k starts with "k" || k ends with "k"', '(pcns.k starts with "k" || pcns.k ends with "k")'],
    ['k != "all()"', 'pcns.k != "all()"'],
    ['all()', 'all()'],
    ['', 'all()'],
    ['global()', 'global()'],
    ['!all() || has(all)', '(!all() || has(pcns.all))'],
  ];
  for (const [text, prefixed] of VECTORS) {
    it(`turns ${JSON.stringify(text)} into ${prefixed}`, () => {
      assert.equal(prefixLabels(parsed(text), 'pcns.').text, prefixed);
    });
  }

  it('selects by prefixed labels what the selector selects by plain ones', () => {
    fc.assert(
      fc.property(selector, labels, (a, map) => {
        const prefixed = Object.fromEntries(Object.entries(map).map(([k, v]) => [`pcns.${k}`, v]));
        assert.equal(
          matchesSelector(prefixLabels(a, 'pcns.'), lookupIn(prefixed)),
          matchesSelector(a, lookupIn(map)),
        );
        isCanonical(prefixLabels(a, 'pcns.'));
      }),
    );
  });
});

describe('mentionsGlobal', () => {
  const TEXTS: readonly (readonly [text: string, mentions: boolean])[] = [
    ['global()', true],
    ['has(a) && !(has(b) || global())', true],
    ['all()', false],
    ['has(global)', false],
    ['global == "global()"', false],
    ['has(a) && !(has(b) || all())', false],
  ];
  for (const [text, mentions] of TEXTS) {
    it(`is ${mentions} for ${text}`, () => {
      assert.equal(mentionsGlobal(parsed(text)), mentions);
    });
  }
});
