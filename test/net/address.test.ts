import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../../src/net/address.ts';
import { addressText, bitsOf, family, nearlyAddressText } from './generators.ts';

const ACCEPTED: readonly (readonly [text: string, canonical: string, bits: bigint])[] = [
  ['0.0.0.0', '0.0.0.0', 0n],
  ['192.0.2.1', '192.0.2.1', 0xc000_0201n],
  ['255.255.255.255', '255.255.255.255', 0xffff_ffffn],
  ['10.0.0.10', '10.0.0.10', 0x0a00_000an],
  ['::', '::', 0n],
  ['::1', '::1', 1n],
  ['1::', '1::', 1n << 112n],
  ['2001:DB8::A', '2001:db8::a', (0x2001_0db8n << 96n) | 0xan],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1', (0x2001_0db8n << 96n) | 1n],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', 0x0001_0002_0003_0004_0005_0006_0007_0008n],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 0x0001_0002_0003_0004_0005_0006_0007_0000n],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304', 0x0001_0002_0003_0004_0005_0006_0102_0304n],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221', (0x0064_ff9bn << 96n) | 0xc000_0221n],
  ['::1.2.3.4', '::102:304', 0x0102_0304n],
  ['::ffff:192.0.2.1', '192.0.2.1', 0xc000_0201n],
  ['::FFFF:c000:201', '192.0.2.1', 0xc000_0201n],
  ['0:0:0:0:0:ffff:0:0', '0.0.0.0', 0n],
  ['::fffe:0:0', '::fffe:0:0', 0xfffe_0000_0000n],
  // The first of the longest runs of zeros is shortened, a single zero never.
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3', 0x0001_0000_0000_0002_0000_0000_0000_0003n],
  ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4', 0x0001_0000_0000_0002_0003_0000_0000_0004n],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7', 0x0001_0000_0002_0003_0004_0005_0006_0007n],
];

const REFUSED: readonly string[] = [
  '',
  ' 192.0.2.1',
  '192.0.2.1 ',
  '192.0.2',
  '192.0.2.',
  '.192.0.2',
  '192..0.2',
  '192.0.2.1.1',
  '192.0.2.256',
  '192.0.2.1000',
  '192.0.2.01',
  '00.0.0.0',
  '192.0.2.0x1',
  '192.0.2.-1',
  '192.0.2.1/32',
  '3221225985',
  '１92.0.2.1',
  ':',
  ':::',
  '1',
  ':1',
  '1:',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8:',
  ':1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::8',
  '1::2::3',
  '12345::',
  '00001::',
  'g::',
  '::%eth0',
  'fe80::1%eth0',
  '[::1]',
  '::1/128',
  '::1.2.3',
  '::1.2.3.04',
  '1.2.3.4::',
  '::1.2.3.4:5',
  '1:2:3:4:5:6:7:1.2.3.4',
  '1:2:3:4:5:1.2.3.4',
  '::ffff:192.0.2.256',
];

describe('parseAddress', () => {
  for (const [text, canonical, bits] of ACCEPTED) {
    it(`takes ${text} for ${canonical}`, () => {
      const expected = { family: canonical.includes(':') ? 6 : 4, bits, text: canonical };
      assert.deepEqual(parseAddress(text), expected);
    });
  }

  for (const text of REFUSED) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseAddress(text), null);
    });
  }

  it('takes what Node takes for an address, zones apart', () => {
    fc.assert(
      fc.property(fc.oneof(addressText, nearlyAddressText, fc.string()), (text) => {
        const isAddress = isIP(text) !== 0 && !text.includes('%');
        assert.equal(parseAddress(text) !== null, isAddress, text);
      }),
      { numRuns: 3000 },
    );
  });

  it('writes IPv6 as the URL standard does, mapped addresses apart', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV6(),
          bitsOf(6).map((bits) => formatAddress(6, bits)),
        ),
        (text) => {
          const address = parseAddress(text);
          assert.ok(address !== null);
          if (address.family === 6) {
            assert.equal(`[${address.text}]`, new URL(`http://[${text}]/`).hostname);
          }
        },
      ),
    );
  });
});

describe('formatAddress', () => {
  it('prints what parses back to the same bits', () => {
    const anyAddress = family.chain((of) => fc.tuple(fc.constant(of), bitsOf(of)));
    fc.assert(
      fc.property(anyAddress, ([of, bits]) => {
        fc.pre(of === 4 || bits >> 32n !== 0xffffn);
        const text = formatAddress(of, bits);
        assert.deepEqual(parseAddress(text), { family: of, bits, text });
      }),
    );
  });
});
