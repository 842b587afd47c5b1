import assert from 'node:assert/strict';
import {
  isExactProtocolName,
  protocolHasPorts,
  protocolName,
  protocolNumber,
} from '../../src/net/protocol.ts';

const PROTOCOLS: readonly (readonly [name: string, number: number, hasPorts: boolean])[] = [
  ['TCP', 6, true],
  ['UDP', 17, true],
  ['ICMP', 1, false],
  ['ICMPv6', 58, false],
  ['SCTP', 132, true],
  ['UDPLite', 136, false],
];

for (const [name, number, hasPorts] of PROTOCOLS) {
  describe(`the protocol ${name}`, () => {
    it(`has the number ${number} in any spelling`, () => {
      assert.equal(protocolNumber(name), number);
      assert.equal(protocolNumber(name.toLowerCase()), number);
      assert.equal(protocolNumber(name.toUpperCase()), number);
      assert.equal(protocolName(number), name);
    });

    it(`${hasPorts ? 'has' : 'has no'} ports`, () => {
      assert.equal(protocolHasPorts(number), hasPorts);
    });

    it('is exact in its own spelling only', () => {
      assert.equal(isExactProtocolName(name), true);
      assert.equal(isExactProtocolName(name.toLowerCase()), false);
    });
  });
}

describe('protocolNumber', () => {
  for (const name of ['', 'GRE', '6', 'toString', '__proto__', 'tcp ']) {
    it(`does not know ${JSON.stringify(name)}`, () => {
      assert.equal(protocolNumber(name), null);
      assert.equal(isExactProtocolName(name), false);
    });
  }
});

describe('protocolName', () => {
  it('is the number where Calico has no name', () => {
    assert.equal(protocolName(47), '47');
    assert.equal(protocolHasPorts(47), false);
  });
});
