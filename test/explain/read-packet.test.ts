import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readPacket } from '../../src/explain/read-packet.ts';
import { samplePacket } from '../support/sample-packet.ts';

const SHORT = {
  iifname: 'eth0',
  source: '10.0.1.9',
  destination: '10.0.1.1',
  sourcePort: 40_000,
  destinationPort: 8055,
};

function refusal(value: unknown): string {
  const read = readPacket(value);
  return read.ok ? assert.fail('accepted') : read.error;
}

describe('readPacket', () => {
  it('fills in what is absent', () => {
    assert.deepEqual(readPacket(SHORT), { ok: true, value: samplePacket() });
  });

  it('takes a whole packet as it stands', () => {
    const packet = samplePacket({ dnat: { destination: '10.0.1.2', destinationPort: null } });
    assert.deepEqual(readPacket(JSON.parse(JSON.stringify(packet))), { ok: true, value: packet });
  });

  it('takes the family from the source', () => {
    const read = readPacket({ ...SHORT, source: '2001:db8::1', destination: '2001:db8::2' });
    assert.equal(read.ok && read.value.family, 6);
  });

  it('names the field that is wrong, and what to write', () => {
    assert.match(refusal({ ...SHORT, port: 1 }), /no field "port"; it has path, iifname/);
    assert.equal(refusal({ ...SHORT, protocol: 'tcp' }), 'protocol: write a number from 0 to 255');
    assert.match(refusal({ ...SHORT, path: 'in' }), /^path: write input, output, forward/);
    assert.match(refusal({ ...SHORT, sourcePort: 70_000 }), /^sourcePort: write .* or null$/);
    assert.match(refusal({ ...SHORT, dnat: 'x' }), /^dnat: /);
    assert.match(refusal({ ...SHORT, source: 'here' }), /the source "here" is not an IPv4 address/);
    assert.match(refusal({ ...SHORT, destination: '::1' }), /is not an IPv4 address/);
    for (const value of [null, 1, 'x', [], undefined]) assert.match(refusal(value), /is an object/);
  });
});
