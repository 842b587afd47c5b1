import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import fc from 'fast-check';
import { addressOf, parseAddress } from '../../src/net/address.ts';
import {
  cidrContains,
  cidrCoversCidr,
  familyOf,
  hostText,
  parseCidr,
  parseNet,
  strictCidr,
} from '../../src/net/cidr.ts';
import type { Cidr } from '../../src/net/cidr.ts';
import { anyCidr, bitsOf, crowdedCidr, family, nearlyAddressText } from './generators.ts';

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  assert.ok(parsed !== null, text);
  return parsed;
}

const ACCEPTED: readonly (readonly [text: string, canonical: string, isMasked: boolean])[] = [
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.1/8', '10.0.0.0/8', false],
  ['10.255.255.255/9', '10.128.0.0/9', false],
  ['192.0.2.1/32', '192.0.2.1/32', true],
  ['0.0.0.0/0', '0.0.0.0/0', true],
  ['255.0.0.0/0', '0.0.0.0/0', false],
  ['10.0.0.0/08', '10.0.0.0/8', true],
  ['2001:DB8::/32', '2001:db8::/32', true],
  ['2001:db8::1/32', '2001:db8::/32', false],
  ['2001:db8:0:0::1/128', '2001:db8::1/128', true],
  ['::/0', '::/0', true],
  ['64:ff9b::0.0.0.0/96', '64:ff9b::/96', true],
];

const REFUSED: readonly string[] = [
  '',
  '/',
  '10.0.0.0',
  '10.0.0.0/',
  '/8',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/+8',
  '10.0.0.0/8.0',
  '10.0.0.0/255.0.0.0',
  '10.0.0.0/ 8',
  '10.0.0.0 /8',
  '10.0.0.0/8/8',
  '10.0.0/8',
  '010.0.0.0/8',
  '2001:db8::/129',
  '2001:db8::/4294967296',
  'fe80::%eth0/64',
  '::ffff:192.0.2.0/120',
  '::ffff:0:0/96',
  '::ffff:192.0.2.1/0',
];

describe('parseCidr', () => {
  for (const [text, canonical, isMasked] of ACCEPTED) {
    it(`takes ${text} for ${canonical}`, () => {
      assert.equal(parseCidr(text)?.text, canonical);
      assert.equal(strictCidr(text)?.isMasked, isMasked);
      assert.deepEqual(strictCidr(text)?.cidr, parseCidr(canonical));
    });
  }

  for (const text of REFUSED) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseCidr(text), null);
      assert.equal(strictCidr(text), null);
    });
  }

  it('knows the base and the length', () => {
    assert.deepEqual(parseCidr('10.1.2.3/16'), {
      family: 4,
      bits: 0x0a01_0000n,
      prefix: 16,
      text: '10.1.0.0/16',
    });
  });

  it('reads its own text back', () => {
    fc.assert(
      fc.property(family.chain(anyCidr), (given) => {
        fc.pre(given.family === 4 || given.bits >> 32n !== 0xffffn);
        assert.deepEqual(parseCidr(given.text), given);
        assert.equal(strictCidr(given.text)?.isMasked, true);
      }),
    );
  });
});

describe('parseNet', () => {
  const TEXTS: readonly (readonly [text: string, canonical: string | undefined])[] = [
    ['192.0.2.1', '192.0.2.1/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
    ['10.0.0.1/8', '10.0.0.0/8'],
    ['::ffff:192.0.2.1/128', undefined],
    ['192.0.2', undefined],
    ['example.com', undefined],
    ['', undefined],
  ];
  for (const [text, canonical] of TEXTS) {
    it(`${canonical === undefined ? 'refuses' : 'takes'} ${JSON.stringify(text)}`, () => {
      assert.equal(parseNet(text)?.text, canonical);
    });
  }

  it('answers any text, and what it answers is canonical', () => {
    fc.assert(
      fc.property(nearlyAddressText, (text) => {
        const net = parseNet(text);
        if (net !== null) assert.deepEqual(parseNet(net.text), net);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('cidrContains', () => {
  const PAIRS: readonly (readonly [net: string, address: string, contains: boolean])[] = [
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['192.0.2.1/32', '192.0.2.1', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '192.0.2.1', false],
    ['2001:db8::/33', '2001:db8:8000::', false],
  ];
  for (const [net, text, contains] of PAIRS) {
    it(`is ${contains} for ${text} in ${net}`, () => {
      const address = parseAddress(text);
      assert.ok(address !== null);
      assert.equal(cidrContains(cidr(net), address), contains);
    });
  }

  it('agrees with BlockList of Node', () => {
    const given = family.chain((of) =>
      fc.tuple(fc.oneof(anyCidr(of), crowdedCidr(of)), bitsOf(of)),
    );
    fc.assert(
      fc.property(
        given,
        fc.bigInt({ min: 0n, max: 7n }),
        fc.boolean(),
        ([net, far], low, isNear) => {
          const address = addressOf(net.family, isNear ? net.bits ^ low : far);
          const blocks = new BlockList();
          const type = net.family === 4 ? 'ipv4' : 'ipv6';
          const [base = ''] = net.text.split('/');
          blocks.addSubnet(base, net.prefix, type);
          // BlockList takes mapped addresses for IPv4 ones.
          fc.pre(
            net.family === 4 || (address.bits >> 32n !== 0xffffn && net.bits >> 32n !== 0xffffn),
          );
          assert.equal(cidrContains(net, address), blocks.check(address.text, type));
        },
      ),
    );
  });
});

describe('cidrCoversCidr', () => {
  it('is true exactly when the first and last address of the inner one are in the outer one', () => {
    const pair = family.chain((of) => fc.tuple(crowdedCidr(of), crowdedCidr(of)));
    fc.assert(
      fc.property(pair, ([outer, inner]) => {
        const length = inner.family === 4 ? 32 : 128;
        const last = inner.bits | ((1n << BigInt(length - inner.prefix)) - 1n);
        const containsBoth =
          cidrContains(outer, addressOf(inner.family, inner.bits)) &&
          cidrContains(outer, addressOf(inner.family, last));
        assert.equal(cidrCoversCidr(outer, inner), containsBoth);
      }),
    );
  });

  it('is false across families', () => {
    assert.equal(cidrCoversCidr(cidr('0.0.0.0/0'), cidr('::/0')), false);
    assert.equal(cidrCoversCidr(cidr('::/0'), cidr('0.0.0.0/0')), false);
  });
});

describe('familyOf', () => {
  it('tells IPv4 from IPv6, networks included', () => {
    assert.deepEqual(
      ['192.0.2.1', '10.0.0.0/8', '::', '2001:db8::/32'].map(familyOf),
      [4, 4, 6, 6],
    );
  });
});

describe('hostText', () => {
  const TEXTS: readonly (readonly [text: string, host: string])[] = [
    ['192.0.2.1/32', '192.0.2.1'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['192.0.2.1', '192.0.2.1'],
  ];
  for (const [text, host] of TEXTS) {
    it(`writes ${text} as ${host}`, () => {
      assert.equal(hostText(text), host);
    });
  }
});
