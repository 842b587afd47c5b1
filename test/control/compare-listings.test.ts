import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compareListings } from '../../daemon/ctl/online/compare-listings.ts';

function listing(rules: readonly string[], elements: string): string {
  return `table inet rampart {
\tcounter a {
\t\tpackets ${rules.length} bytes 9
\t}

\tset s-4 {
\t\ttype ipv4_addr
\t\telements = { ${elements} }
\t}

\tchain c {
${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}
}
`;
}

describe('compareListings', () => {
  it('passes over counts, and over the order and the lines of elements', () => {
    const one = listing(['accept'], '1.1.1.1, 2.2.2.2,\n\t\t\t     3.3.3.3');
    assert.deepEqual(compareListings(one, listing(['accept'], '3.3.3.3, 1.1.1.1, 2.2.2.2')), []);
  });

  it('names rules and elements that are missing or too many', () => {
    const desired = listing(['ct state invalid drop', 'accept'], '1.1.1.1');
    const actual = listing(['accept', 'accept'], '1.1.1.1, 2.2.2.2');
    const same = { isReordered: false };
    assert.deepEqual(compareListings(desired, actual), [
      { ...same, object: 'set s-4', missing: [], extra: ['2.2.2.2'] },
      { ...same, object: 'chain c', missing: ['ct state invalid drop'], extra: ['accept'] },
    ]);
  });

  it('sees rules in another order, and objects of which one side knows nothing', () => {
    const [first] = compareListings(listing(['a', 'b'], '1.1.1.1'), listing(['b', 'a'], '1.1.1.1'));
    assert.deepEqual([first?.object, first?.isReordered], ['chain c', true]);
    const all = compareListings(listing(['a'], '1.1.1.1'), '');
    assert.deepEqual(
      all.map(({ object }) => object),
      ['counter a', 'set s-4', 'chain c'],
    );
  });
});
