import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readHeaders } from '../../src/nflog/read-headers.ts';

const TCP_SYN = Buffer.from(
  '9c40 01bb 00000001 00000000 5002 ffff 0000 0000'.replaceAll(' ', ''),
  'hex',
);

describe('readHeaders', () => {
  it('reads IPv4 with options and TCP', () => {
    assert.deepEqual(readHeaders(Buffer.concat([ipv4(6, 0, 4), TCP_SYN])), {
      family: 4,
      source: '192.0.2.1',
      destination: '192.0.2.2',
      protocol: 6,
      sourcePort: 40_000,
      destinationPort: 443,
      icmpType: null,
      icmpCode: null,
      tcpFlags: ['syn'],
      length: 100,
    });
  });

  it('reads IPv6 behind hop-by-hop options, a first fragment and an authentication header', () => {
    const hopByHop = Buffer.from([44, 0, 0, 0, 0, 0, 0, 0]);
    const fragment = Buffer.from([51, 0, 0, 1, 0, 0, 0, 7]);
    const authentication = Buffer.from([6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const headers = readHeaders(
      Buffer.concat([ipv6(0), hopByHop, fragment, authentication, TCP_SYN]),
    );
    assert.equal(headers?.protocol, 6);
    assert.equal(headers.destinationPort, 443);
    assert.equal(headers.source, '2001:db8::1');
    assert.equal(headers.length, 140);
  });

  it('knows no ports of a fragment after the first', () => {
    const later = readHeaders(Buffer.concat([ipv4(6, 5, 0), TCP_SYN]));
    assert.deepEqual([later?.protocol, later?.sourcePort, later?.tcpFlags], [6, null, null]);
    const fragment = Buffer.from([17, 0, 0, 8, 0, 0, 0, 7]);
    const six = readHeaders(Buffer.concat([ipv6(44), fragment, TCP_SYN]));
    assert.deepEqual([six?.protocol, six?.destinationPort], [17, null]);
  });

  it('knows ICMP by the family it belongs to', () => {
    const echo = Buffer.from([8, 0]);
    assert.deepEqual(
      [1, 58].map((protocol) => readHeaders(Buffer.concat([ipv4(protocol, 0, 0), echo]))?.icmpType),
      [8, null],
    );
    assert.equal(readHeaders(Buffer.concat([ipv6(58), echo]))?.icmpType, 8);
  });

  it('gives null for what is neither IPv4 nor IPv6, or cut off within the header', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from([0x50]), ipv4(6, 0, 0).subarray(0, 19)])
      assert.equal(readHeaders(bytes), null);
  });

  it('never throws, whatever the bytes and wherever they are cut off', () => {
    const whole = Buffer.concat([ipv6(0), Buffer.from([44, 0, 0, 0, 0, 0, 0, 0]), TCP_SYN]);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 160 }),
        fc.nat(whole.length),
        fc.constantFrom(0x45, 0x4f, 0x60, 0),
        (bytes, cut, first) => {
          readHeaders(Buffer.from([first, ...bytes]));
          readHeaders(Buffer.concat([whole.subarray(0, cut), bytes]));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function ipv4(protocol: number, fragmentOffset: number, optionBytes: number): Buffer {
  const header = Buffer.alloc(20 + optionBytes);
  header.writeUInt8(0x40 + header.length / 4, 0);
  header.writeUInt16BE(100, 2);
  header.writeUInt16BE(fragmentOffset, 6);
  header.writeUInt8(protocol, 9);
  header.set([192, 0, 2, 1, 192, 0, 2, 2], 12);
  return header;
}

function ipv6(next: number): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(100, 4);
  header.writeUInt8(next, 6);
  header.set([0x20, 0x01, 0x0d, 0xb8], 8);
  header.set([0x20, 0x01, 0x0d, 0xb8], 24);
  header.writeUInt8(1, 23);
  header.writeUInt8(2, 39);
  return header;
}
