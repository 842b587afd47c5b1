import assert from 'node:assert/strict';
import { packetsWithin } from '../../src/explain/packets-within.ts';
import { samplePacket } from '../support/sample-packet.ts';

describe('packetsWithin', () => {
  const dnat = { destination: '10.0.2.50', destinationPort: null };
  for (const [nets, expected] of [
    [[], true],
    [['10.0.1.9'], true],
    [['10.0.1.0/24'], true],
    [['10.0.2.0/24'], true],
    [['203.0.113.7', '10.0.1.1'], true],
    [['203.0.113.0/24'], false],
    [['::/0'], false],
  ] as const)
    it(`is ${expected} for [${nets.join()}]`, () => {
      const within = packetsWithin(nets);
      assert.ok(within.ok);
      assert.equal(within.value(samplePacket({ dnat })), expected);
    });

  it('names what it cannot read', () => {
    const within = packetsWithin(['10.0.1.1', 'web']);
    assert.ok(!within.ok);
    assert.match(within.error, /^"web" is no address/);
  });
});
