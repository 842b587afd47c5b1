import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressOf } from '../../src/net/address.ts';
import type { Family } from '../../src/net/address.ts';
import { cidrContains, cidrCoversCidr, parseCidr } from '../../src/net/cidr.ts';
import type { Cidr } from '../../src/net/cidr.ts';
import { coverCidrs, mergeCidrs } from '../../src/net/cidr-set.ts';
import { crowdedCidr, family } from './generators.ts';

function parsed(texts: readonly string[]): Cidr[] {
  return texts.map((text) => {
    const cidr = parseCidr(text);
    assert.ok(cidr !== null, text);
    return cidr;
  });
}

const crowd = fc.array(family.chain(crowdedCidr), { maxLength: 20, size: 'max' });

/** Every address that begins or ends one of the networks, and its neighbours. */
function edges(cidrs: readonly Cidr[]): (readonly [Family, bigint])[] {
  return cidrs.flatMap(({ family: of, bits, prefix }) => {
    const all = (1n << BigInt(of === 4 ? 32 : 128)) - 1n;
    const last = bits | (all >> BigInt(prefix));
    return [bits, last, (bits - 1n) & all, (last + 1n) & all].map((edge) => [of, edge] as const);
  });
}

function sameAddresses(a: readonly Cidr[], b: readonly Cidr[]): void {
  for (const [of, bits] of edges([...a, ...b])) {
    const address = addressOf(of, bits);
    const isIn = (cidrs: readonly Cidr[]): boolean =>
      cidrs.some((cidr) => cidrContains(cidr, address));
    assert.equal(isIn(a), isIn(b), address.text);
  }
}

describe('mergeCidrs', () => {
  const LISTS: readonly (readonly [texts: readonly string[], merged: readonly string[]])[] = [
    [[], []],
    [['10.0.0.0/25', '10.0.0.128/25'], ['10.0.0.0/24']],
    [['10.0.0.128/25', '10.0.1.0/24', '10.0.0.0/25'], ['10.0.0.0/23']],
    // Neighbours that are not the halves of one network stay apart.
    [
      ['10.0.1.0/24', '10.0.2.0/24'],
      ['10.0.1.0/24', '10.0.2.0/24'],
    ],
    [['10.0.0.0/8', '10.1.2.3', '10.0.0.0/8'], ['10.0.0.0/8']],
    [['192.0.2.1'], ['192.0.2.1/32']],
    [['128.0.0.0/1', '0.0.0.0/1'], ['0.0.0.0/0']],
    [
      ['::/1', '8000::/1', '192.0.2.0/31'],
      ['192.0.2.0/31', '::/0'],
    ],
    [['10.0.0.7/24', 'nonsense'], ['10.0.0.0/24']],
  ];
  for (const [texts, merged] of LISTS) {
    it(`turns [${texts.join(', ')}] into [${merged.join(', ')}]`, () => {
      assert.deepEqual(mergeCidrs(texts), merged);
    });
  }

  it('keeps every address and adds none', () => {
    fc.assert(
      fc.property(crowd, (cidrs) => {
        sameAddresses(cidrs, parsed(mergeCidrs(cidrs.map(({ text }) => text))));
      }),
    );
  });

  it('is minimal: nothing in it overlaps, and no two are halves of one network', () => {
    fc.assert(
      fc.property(crowd, (cidrs) => {
        const merged = parsed(mergeCidrs(cidrs.map(({ text }) => text)));
        for (const a of merged) {
          for (const b of merged) {
            if (a === b) continue;
            assert.ok(!cidrCoversCidr(a, b));
            if (a.family !== b.family || a.prefix !== b.prefix) continue;
            const length = BigInt((a.family === 4 ? 32 : 128) - a.prefix);
            assert.notEqual((a.bits >> length) ^ (b.bits >> length), 1n, `${a.text} and ${b.text}`);
          }
        }
      }),
    );
  });

  it('does not depend on order or repetition', () => {
    const shuffled = crowd.chain((cidrs) =>
      fc.tuple(
        fc.constant(cidrs),
        fc.shuffledSubarray([...cidrs, ...cidrs], { minLength: 2 * cidrs.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([cidrs, others]) => {
        const texts = (list: readonly Cidr[]): string[] => list.map(({ text }) => text);
        assert.deepEqual(mergeCidrs(texts(others)), mergeCidrs(texts(cidrs)));
      }),
    );
  });
});

describe('coverCidrs', () => {
  it('keeps the networks that no other covers, as they were written', () => {
    assert.deepEqual(
      coverCidrs([
        '10.1.0.0/16',
        '2001:db8::1',
        '10.0.0.0/8',
        '10.0.0.0/8',
        '192.0.2.0/25',
        '192.0.2.128/25',
      ]),
      ['10.0.0.0/8', '192.0.2.0/25', '192.0.2.128/25', '2001:db8::1/128'],
    );
  });

  it('agrees with comparing each with each', () => {
    fc.assert(
      fc.property(crowd, (cidrs) => {
        const maximal = cidrs.filter(
          (inner) =>
            !cidrs.some((outer) => outer.text !== inner.text && cidrCoversCidr(outer, inner)),
        );
        const expected = new Set(maximal.map(({ text }) => text));
        const covered = coverCidrs(cidrs.map(({ text }) => text));
        assert.deepEqual(new Set(covered), expected);
        assert.equal(covered.length, expected.size);
      }),
    );
  });
});
