import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { strictCidr } from '../../src/net/cidr.ts';
import { plainCidr } from '../../src/net/plain-cidr.ts';

const octet = fc.oneof(
  fc.integer({ min: 0, max: 260 }).map(String),
  fc.constantFrom('', '00', '01', '1000'),
);
const length = fc.oneof(
  fc.integer({ min: 0, max: 34 }).map(String),
  fc.constantFrom('', '08', '032'),
);
const nearly = fc
  .tuple(
    fc.array(octet, { minLength: 3, maxLength: 5 }),
    length,
    fc.constantFrom('/', '', '//', '.'),
  )
  .map(([octets, bits, slash]) => octets.join('.') + slash + bits);
const masked = fc
  .tuple(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }))
  .map(([value, bits]) => {
    const first = value - (value % 2 ** (32 - bits));
    return `${[24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join('.')}/${bits}`;
  });
const anyText = fc.oneof(
  nearly,
  masked,
  fc.string(),
  fc.string({ unit: fc.constantFrom(...'0123./'.split('')) }),
);

describe('plainCidr', () => {
  it('answers what a thorough reading does, or nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const plain = plainCidr(text);
        if (plain === null) return;
        assert.deepEqual({ ...plain, bits: BigInt(plain.bits) }, strictCidr(text)?.cidr);
      }),
      { numRuns: 5000 },
    );
  });

  it('answers for every network that is written in the usual way', () => {
    fc.assert(
      fc.property(masked, (text) => {
        assert.equal(plainCidr(text)?.text, text);
      }),
    );
  });
});
