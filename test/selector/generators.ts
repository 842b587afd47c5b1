import fc from 'fast-check';
import type { LabelLookup, SelectorNode } from '../../src/selector/selector.ts';
import { compareBytes } from '../../src/base/byte-order.ts';

const PLAIN = { noNullPrototype: true } as const;

// A small alphabet, so that random selectors and random labels often meet.
const key = fc.constantFrom('a', 'b', 'in', 'acme.io/role', 'not');
const value = fc.constantFrom('', 'x', 'xy', 'y', "it's", 'say "hi"', 'é', '😀', '\uffee');

const values = fc.uniqueArray(value, { maxLength: 4 }).map((list) => [...list].sort(compareBytes));

/** Trees as the parser makes them: lists of two or more, no double negation. */
export const selectorNode: fc.Arbitrary<SelectorNode> = fc.letrec<{ node: SelectorNode }>(
  (tie) => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<SelectorNode>({ kind: 'all' }, { kind: 'global' }),
      fc.record({ kind: fc.constant('has' as const), key }, PLAIN),
      fc.record(
        {
          kind: fc.constantFrom('equals', 'not-equals', 'contains', 'starts-with', 'ends-with'),
          key,
          value,
        },
        PLAIN,
      ),
      fc.record({ kind: fc.constantFrom('in', 'not-in'), key, values }, PLAIN),
      tie('node').map((operand): SelectorNode =>
        operand.kind === 'not' ? operand.operand : { kind: 'not', operand },
      ),
      fc.record(
        {
          kind: fc.constantFrom('and', 'or'),
          operands: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
        },
        PLAIN,
      ),
    ),
  }),
).node;

export const labels: fc.Arbitrary<Record<string, string>> = fc.dictionary(key, value, PLAIN);

export function lookupIn(map: Readonly<Record<string, string>>): LabelLookup {
  return (wanted) => (Object.hasOwn(map, wanted) ? map[wanted] : undefined);
}

/** Texts made of the pieces of the language, most of them wrong. */
export const nearlySelectorText: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      'a',
      'in',
      'not',
      'has(',
      'all(',
      'global()',
      '"x"',
      "'y'",
      '"',
      '==',
      '!=',
      '=',
      '!',
      '&&',
      '&',
      '||',
      '|',
      '(',
      ')',
      '{',
      '}',
      ',',
      ' ',
      '\t',
      '\n',
      'contains',
      'starts',
      'with',
      'notin',
      'and',
      'or',
      ':',
      '%',
      'é',
      '“',
      '”',
      '\ud800',
    ),
    { maxLength: 14, size: 'max' },
  )
  .map((pieces) => pieces.join(''));
