import fc from 'fast-check';
import { addressLength, formatAddress } from '../../src/net/address.ts';
import type { Family } from '../../src/net/address.ts';
import { cidrOf } from '../../src/net/cidr.ts';
import type { Cidr } from '../../src/net/cidr.ts';

export const family: fc.Arbitrary<Family> = fc.constantFrom(4, 6);

export function bitsOf(of: Family): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: 0n, max: (1n << BigInt(addressLength(of))) - 1n });
}

/** Any network of the family. */
export function anyCidr(of: Family): fc.Arbitrary<Cidr> {
  const prefix = fc.integer({ min: 0, max: addressLength(of) });
  return fc.tuple(bitsOf(of), prefix).map(([bits, length]) => cidrOf(of, bits, length));
}

/**
 * Networks that cover each other, are neighbours or are equal more often than not: their prefix ends in
 * one of the few bits that differ. Some are very wide; `0` is among them.
 */
export function crowdedCidr(of: Family): fc.Arbitrary<Cidr> {
  const length = addressLength(of);
  const base = of === 4 ? 0x0a00_0000n : 0x2001_0db8n << 96n;
  const near = fc
    .tuple(fc.bigInt({ min: 0n, max: 15n }), fc.integer({ min: 0, max: 5 }))
    .map(([low, shorter]) => cidrOf(of, base | low, length - shorter));
  const far = fc
    .tuple(fc.bigInt({ min: 0n, max: 15n }), fc.integer({ min: 0, max: 5 }))
    .map(([top, prefix]) => cidrOf(of, top << BigInt(length - 4), prefix));
  return fc.oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: far });
}

/** The text of an address, in a spelling of its own choice. */
export const addressText: fc.Arbitrary<string> = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  bitsOf(4).map((bits) => formatAddress(4, bits)),
  bitsOf(6).map((bits) => formatAddress(6, bits)),
);

/** Characters that addresses are made of, in no order. */
export const nearlyAddressText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('0', '1', '25', '255', '.', ':', '::', 'ff', 'ffff', 'g', '/', '%', ' '), {
    maxLength: 16,
    size: 'max',
  })
  .map((pieces) => pieces.join(''));
