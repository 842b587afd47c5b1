import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeFlow, flowDeleteRequest } from '../../src/conntrack/ctnetlink-message.ts';
import { encodeAttribute, parseAttributes } from '../../src/netlink/message.ts';
import { exampleFlow, tuple } from './example-flow.ts';

/** A TCP connection from 127.0.0.1:37390 to 127.0.0.1:8080 with mark 0x2a, as Linux 6.18 listed it. */
const CAPTURED = Buffer.from(
  [
    '02000000',
    '3400018014000180080001007f000001080002007f000001',
    '1c000280050001000600000006000200920e0000060003001f900000',
    '3400028014000180080001007f000001080002007f000001',
    '1c0002800500010006000000060002001f90000006000300920e0000',
    '080003000000000e080008000000002a08000c00793fe5a908000b0000000001',
    '080007000006977f',
    '300004802c000180050001000300000005000200',
    '0a000000050003000a00000006000400230000000600050023000000',
  ].join(''),
  'hex',
);

describe('decodeFlow', () => {
  it('reads what the kernel sends', () => {
    const ends = { source: '127.0.0.1', destination: '127.0.0.1' };
    assert.deepEqual(decodeFlow(CAPTURED), {
      family: 4,
      protocol: 6,
      original: tuple({ ...ends, sourcePort: 37390, destinationPort: 8080 }),
      reply: tuple({ ...ends, sourcePort: 8080, destinationPort: 37390 }),
      status: 0xe,
      mark: 0x2a,
      zone: 0,
      id: 0x793fe5a9,
      tcpState: 'established',
    });
  });

  it('reads the zone in network byte order', () => {
    const zone = encodeAttribute(18, Buffer.from([1, 2]));
    assert.equal(decodeFlow(Buffer.concat([CAPTURED, zone]))?.zone, 258);
  });

  it('gives null for another family and for a flow without both tuples', () => {
    assert.equal(decodeFlow(Buffer.from('07000000', 'hex')), null);
    assert.equal(decodeFlow(Buffer.from('02000000', 'hex')), null);
    assert.equal(decodeFlow(Buffer.alloc(0)), null);
  });

  it('never throws, whatever the bytes', () => {
    const bodies = fc
      .tuple(fc.constantFrom(2, 10), fc.uint8Array({ maxLength: 120 }))
      .map(([family, bytes]) => Buffer.from([family, 0, 0, 0, ...bytes]));
    fc.assert(
      fc.property(bodies, (body) => {
        assert.doesNotThrow(() => decodeFlow(body));
      }),
    );
  });
});

/** What the kernel would list of a flow thus requested: the reply tuple comes after the original one. */
function withReply(body: Buffer): Buffer {
  const original = parseAttributes(body.subarray(4)).get(1) ?? Buffer.alloc(0);
  return Buffer.concat([body, encodeAttribute(0x8000 | 2, original)]);
}

describe('flowDeleteRequest', () => {
  const ping6 = {
    family: 6,
    protocol: 58,
    original: tuple({
      source: 'fd00::1',
      destination: 'fd00::2',
      sourcePort: null,
      destinationPort: null,
      icmp: { type: 128, code: 0, id: 4660 },
    }),
  } as const;

  for (const [title, flow] of [
    ['a TCP flow', exampleFlow()],
    ['a flow of a zone', exampleFlow({ zone: 4097 })],
    ['a flow whose id the kernel did not tell', exampleFlow({ id: null })],
    ['an ICMPv6 flow', exampleFlow(ping6)],
    [
      'a flow without ports',
      exampleFlow({ protocol: 47, original: tuple({ sourcePort: null, destinationPort: null }) }),
    ],
  ] as const) {
    it(`names ${title} so that decoding gives it back`, () => {
      const body = flowDeleteRequest(flow);
      assert.ok(body !== null);
      assert.deepEqual(decodeFlow(withReply(body)), {
        ...flow,
        reply: flow.original,
        status: 0,
        tcpState: null,
      });
    });
  }

  it('keeps an IPv4-mapped address in an IPv6 flow', () => {
    const original = tuple({ source: '::ffff:192.0.2.1', destination: 'fd00::2' });
    const body = flowDeleteRequest(exampleFlow({ family: 6, original }));
    assert.ok(body?.includes(Buffer.from('00000000000000000000ffffc0000201', 'hex')));
  });

  it('gives null rather than a request without a whole tuple, which would delete everything', () => {
    for (const source of ['', '192.0.2.300', 'fd00::1'])
      assert.equal(flowDeleteRequest(exampleFlow({ original: tuple({ source }) })), null);
    assert.equal(flowDeleteRequest(exampleFlow({ family: 6 })), null);
  });
});
