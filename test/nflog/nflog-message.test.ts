import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeAttribute, parseAttributes } from '../../src/netlink/message.ts';
import { holderPort } from '../../src/nflog/group-holder.ts';
import { bindRequest, readPacket } from '../../src/nflog/nflog-message.ts';
import { createSequenceGaps } from '../../src/nflog/sequence-gaps.ts';

const around = { now: 7, interfaceName: (index: number): string => `if${index}` };
const frame = { type: 0x400, flags: 0, sequence: 0, portId: 0 };

describe('readPacket', () => {
  it('reads time, prefix, hook, interfaces and mark', () => {
    const read = readPacket({ ...frame, payload: payload() }, around);
    assert.equal(read?.sequence, 9);
    assert.equal(read.packet?.time, 1_700_000_000_123);
    assert.equal(read.packet.prefix, 'denied 1');
    assert.equal(read.packet.hook, 'forward');
    assert.deepEqual([read.packet.iifname, read.packet.oifname], ['if2', 'if3']);
    assert.equal(read.packet.mark, 0x2a);
  });

  it('takes the time of reading where the kernel gives none', () => {
    const ip = Buffer.alloc(20);
    ip.writeUInt8(0x45);
    const read = readPacket(
      { ...frame, payload: Buffer.concat([Buffer.alloc(4), encodeAttribute(9, ip)]) },
      around,
    );
    assert.equal(read?.packet?.time, 7);
    assert.equal(read.packet.hook, null);
  });

  it('keeps the number of a packet that it cannot read, and leaves other messages alone', () => {
    const bytes = Buffer.concat([Buffer.alloc(4), encodeAttribute(12, Buffer.from([0, 0, 0, 5]))]);
    assert.deepEqual(readPacket({ ...frame, payload: bytes }, around), {
      sequence: 5,
      packet: null,
    });
    assert.equal(readPacket({ ...frame, type: 0x401, payload: payload() }, around), null);
  });

  it('never throws, whatever the bytes', () => {
    const whole = payload();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length), (bytes, cut) => {
        readPacket({ ...frame, payload: Buffer.from(bytes) }, around);
        readPacket({ ...frame, payload: Buffer.concat([whole.subarray(0, cut), bytes]) }, around);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('bindRequest', () => {
  it('names the group in network byte order and asks for headers only', () => {
    const request = bindRequest(2000);
    assert.equal(request.readUInt16BE(2), 2000);
    const attributes = parseAttributes(request.subarray(4));
    assert.deepEqual(attributes.get(1), Buffer.from([1]));
    assert.deepEqual(attributes.get(2), Buffer.from([0, 0, 0, 128, 2, 0]));
  });
});

describe('createSequenceGaps', () => {
  it('counts what is missing, once', () => {
    const gaps = createSequenceGaps();
    assert.equal(gaps.next(0), 0);
    assert.equal(gaps.overrun(), 1);
    assert.equal(gaps.next(1), 0, 'it waited when the loss was told');
    assert.equal(gaps.next(6), 3);
    assert.equal(gaps.next(8), 1);
  });

  it('goes round at 32 bits, and takes a step back for a new count', () => {
    const gaps = createSequenceGaps();
    gaps.next(0xffff_ffff);
    assert.equal(gaps.next(1), 1);
    assert.equal(gaps.next(0), 0);
  });
});

describe('holderPort', () => {
  it('finds the port that holds a group', () => {
    const table = ' 1999     11     0 2    128     10  1\n 2000    812     0 2  65535    100  1\n';
    assert.equal(holderPort(table, 2000), 812);
    assert.equal(holderPort(table, 1), null);
    assert.equal(holderPort('', 0), null);
  });
});

function payload(): Buffer {
  const ip = Buffer.alloc(28);
  ip.writeUInt8(0x45);
  ip.writeUInt8(17, 9);
  const time = Buffer.alloc(16);
  time.writeBigUInt64BE(1_700_000_000n);
  time.writeBigUInt64BE(123_456n, 8);
  return Buffer.concat([
    Buffer.alloc(4),
    encodeAttribute(1, Buffer.from([8, 0, 2, 0])),
    encodeAttribute(10, Buffer.from('denied 1\0')),
    encodeAttribute(2, Buffer.from([0, 0, 0, 0x2a])),
    encodeAttribute(3, time),
    encodeAttribute(4, Buffer.from([0, 0, 0, 2])),
    encodeAttribute(5, Buffer.from([0, 0, 0, 3])),
    encodeAttribute(12, Buffer.from([0, 0, 0, 9])),
    encodeAttribute(9, ip),
  ]);
}
