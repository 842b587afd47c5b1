import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matchesSelector } from '../../src/selector/match.ts';
import { parseSelector } from '../../src/selector/parse.ts';
import { suggestSelector } from '../../src/selector/suggest.ts';
import { labels, lookupIn, nearlySelectorText } from '../selector/generators.ts';
import { fuzz, hostileText, inTime } from './cases.ts';

const pieces = fc
  .array(
    fc.constantFrom(
      ...['a', 'b.c/d', '==', '!=', '&&', '||', '!', '(', ')', '{', '}', ',', '"x"', "'y'", "'"],
      ...['has(', 'all()', 'global()', 'in', 'not in', 'contains', 'starts with', 'ends with', ' '],
    ),
    { maxLength: 40 },
  )
  .map((some) => some.join(' '));

describe('selectors, with anything at all', function () {
  this.timeout(0);

  it('parses or refuses; what it parses it writes and reads back as the same', () => {
    fuzz(
      'selectors',
      fc.property(fc.oneof(pieces, nearlySelectorText, hostileText), labels, (text, some) => {
        inTime(() => {
          const parsed = parseSelector(text);
          if (!parsed.ok) {
            suggestSelector(text);
            return;
          }
          const again = parseSelector(parsed.value.text);
          assert.ok(again.ok, parsed.value.text);
          assert.equal(again.value.text, parsed.value.text);
          const lookup = lookupIn(some);
          assert.equal(matchesSelector(again.value, lookup), matchesSelector(parsed.value, lookup));
        });
      }),
    );
  });
});
