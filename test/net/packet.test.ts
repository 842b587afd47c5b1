import assert from 'node:assert/strict';
import { icmpProtocol, packetProblem } from '../../src/net/packet.ts';
import type { Packet } from '../../src/net/packet.ts';
import {
  sampleIPv6,
  sampleLoopback,
  sampleOutput,
  samplePacket,
} from '../support/sample-packet.ts';

const PORTLESS = { protocol: 253, sourcePort: null, destinationPort: null };

describe('packetProblem', () => {
  const possible: readonly Packet[] = [
    samplePacket(),
    sampleIPv6(),
    sampleOutput(),
    sampleLoopback(),
    samplePacket(PORTLESS),
    samplePacket({ dnat: { destination: '10.0.2.50', destinationPort: null } }),
  ];
  for (const packet of possible) {
    it(`finds nothing wrong with a packet of protocol ${packet.protocol} on path ${packet.path}`, () => {
      assert.equal(packetProblem(packet), null);
    });
  }

  const impossible: readonly (readonly [Packet, RegExp])[] = [
    [samplePacket({ source: 'host' }), /source "host" is not an IPv4 address/],
    [samplePacket({ destination: 'fd00::1' }), /destination "fd00::1" is not an IPv4 address/],
    [sampleIPv6({ source: 'FD00:0::1' }), /source "FD00:0::1" has to be written fd00::1/],
    [
      samplePacket({ dnat: { destination: '::1', destinationPort: 1 } }),
      /DNAT destination "::1" is not/,
    ],
    [samplePacket({ destinationPort: null }), /protocol 6 needs a source and a destination port/],
    [samplePacket({ ...PORTLESS, protocol: 1 }), /protocol 1 needs an ICMP type and code/],
    [samplePacket({ iifname: '' }), /path input needs iifname/],
    [sampleOutput({ oifname: '' }), /path output needs oifname/],
  ];
  for (const [packet, problem] of impossible) {
    it(`says what is wrong: ${problem.source}`, () => {
      assert.match(packetProblem(packet) ?? '', problem);
    });
  }
});

describe('icmpProtocol', () => {
  it('is 1 for IPv4 and 58 for IPv6', () => {
    assert.deepEqual([icmpProtocol(4), icmpProtocol(6)], [1, 58]);
  });
});
