import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatNode, selectorOf } from '../../src/selector/format.ts';
import { matchesSelector } from '../../src/selector/match.ts';
import { parseSelector } from '../../src/selector/parse.ts';
import type { SelectorNode } from '../../src/selector/selector.ts';
import { labels, lookupIn, selectorNode } from './generators.ts';

describe('formatNode', () => {
  it('prints text that parses back to the same tree', () => {
    fc.assert(
      fc.property(selectorNode, (node) => {
        const parsed = parseSelector(formatNode(node));
        assert.ok(parsed.ok);
        assert.deepEqual(parsed.value.root, node);
        assert.equal(parsed.value.text, formatNode(node));
      }),
    );
  });

  it('keeps the truth of what it prints', () => {
    fc.assert(
      fc.property(selectorNode, labels, (node, map) => {
        const parsed = parseSelector(formatNode(node));
        assert.ok(parsed.ok);
        assert.equal(
          matchesSelector(parsed.value, lookupIn(map)),
          matchesSelector(selectorOf(node), lookupIn(map)),
        );
      }),
    );
  });

  const HAS_A: SelectorNode = { kind: 'has', key: 'a' };
  const UNUSUAL: readonly (readonly [what: string, node: SelectorNode, text: string])[] = [
    ['a double negation', { kind: 'not', operand: { kind: 'not', operand: HAS_A } }, 'has(a)'],
    ['a list of one', { kind: 'or', operands: [HAS_A] }, 'has(a)'],
    ['no operands of and', { kind: 'and', operands: [] }, 'all()'],
    ['no operands of or', { kind: 'or', operands: [] }, '!all()'],
  ];
  for (const [what, node, text] of UNUSUAL) {
    it(`prints ${what} as ${text}`, () => {
      assert.equal(formatNode(node), text);
    });
  }

  const text = (value: string): string => formatNode({ kind: 'equals', key: 'a', value });

  it('keeps values apart that no selector text can hold', () => {
    assert.notEqual(text(`"'`), text(`'"`));
  });

  it('never lets such a value pass for something else', () => {
    assert.ok(!parseSelector(text(`x' || b == "y" || c == 'z`)).ok);
    const piece = fc.constantFrom('"', "'", '"', "'", ' || ', 'b == ', 'x', '\\');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12, size: 'max' }), (pieces) => {
        const value = pieces.join('');
        fc.pre(value.includes('"') && value.includes("'"));
        assert.ok(!parseSelector(text(value)).ok, text(value));
      }),
      { numRuns: 2000 },
    );
  });
});
