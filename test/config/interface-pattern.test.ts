import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matchesInterface, parseInterfacePatterns } from '../../src/config/interface-pattern.ts';

describe('parseInterfacePatterns', () => {
  it('reads names and regular expressions', () => {
    assert.deepEqual(parseInterfacePatterns('kube-ipvs0,/^veth[0-9]+$/,eth0.100'), [
      { kind: 'name', name: 'kube-ipvs0' },
      { kind: 'regex', source: '^veth[0-9]+$' },
      { kind: 'name', name: 'eth0.100' },
    ]);
  });

  const refused = [
    '',
    'a,',
    'a, b',
    'interface-name-16',
    '/(/',
    '//',
    'a b',
    '/[[:alpha:]]+/',
    '/a{2,1}/',
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseInterfacePatterns(text), null);
    });
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const patterns = parseInterfacePatterns(`/${text}/`);
        if (patterns !== null) assert.equal(typeof matchesInterface(patterns, 'eth0'), 'boolean');
      }),
    );
  });
});

describe('matchesInterface', () => {
  const patterns = parseInterfacePatterns('eth0,/^veth/,/dummy/') ?? assert.fail();

  it('matches names whole and regular expressions anywhere', () => {
    const names = ['eth0', 'eth01', 'veth1', 'xveth1', 'mydummy0', 'lo'];
    assert.deepEqual(
      names.filter((name) => matchesInterface(patterns, name)),
      ['eth0', 'veth1', 'mydummy0'],
    );
  });

  it('matches nothing without patterns', () => {
    assert.equal(matchesInterface([], 'eth0'), false);
  });
});
