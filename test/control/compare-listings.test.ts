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

  const inRule = `table inet rampart {
\tchain c {
\t\ttcp dport vmap { 22 : jump a, 80 : jump b }
\t\tiifname vmap { "eth0" : goto a, "lo" : goto b } comment "x"
\t}
}
`;
  const inMaps = `table inet rampart {
\tmap m-2 {
\t\ttype inet_service : verdict
\t\tsize 2
\t\tflags constant
\t\telements = { 80 : jump b,
\t\t\t     22 : jump a }
\t}

\tmap m-3 {
\t\ttype ifname : verdict
\t\telements = { "lo" : goto b, "eth0" : goto a }
\t}

\tchain c {
\t\ttcp dport vmap @m-2
\t\tiifname vmap @m-3 comment "x"
\t}
}
`;

  it('makes no difference between maps with and without names', () => {
    assert.deepEqual(compareListings(inRule, inMaps), []);
    const [difference] = compareListings(inRule, inMaps.replace('80 : jump b', '81 : jump b'));
    assert.equal(difference?.object, 'chain c');
    assert.equal(difference.missing.length, 1);
  });

  it('passes over what is there for packets on their way, and not over maps of others', () => {
    const left = `\tmap m-1 {
\t\ttype inet_service : verdict
\t\telements = { 22 : jump old }
\t}

\tchain old {
\t}

`;
    assert.deepEqual(compareListings(inRule, inMaps.replace(/(?=\tmap m-2)/, left)), []);
    const theirs = left.replace('m-1', 'theirs');
    assert.deepEqual(
      compareListings(inRule, inMaps.replace(/(?=\tmap m-2)/, theirs)).map(({ object }) => object),
      ['map theirs', 'chain old'],
    );
    const filled = left.replace('chain old {\n', 'chain old {\n\t\taccept\n');
    assert.deepEqual(
      compareListings(inRule, inMaps.replace(/(?=\tmap m-2)/, filled)).map(({ object }) => object),
      ['chain old'],
    );
  });
});
