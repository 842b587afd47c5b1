import assert from 'node:assert/strict';
import { readAnswer } from '../../src/netlink/answer.ts';
import { encodeAttribute } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';

function message(type: number, flags: number, ...payload: readonly Buffer[]): NetlinkMessage {
  return { type, flags, sequence: 1, portId: 2, payload: Buffer.concat(payload) };
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

const echoedHeader = Buffer.alloc(16);

describe('readAnswer', () => {
  it('takes an error of 0 as the end', () => {
    assert.deepEqual(readAnswer(message(2, 0, int32(0), echoedHeader)), { kind: 'end' });
  });

  it('gives the errno of a refusal as a positive number', () => {
    assert.deepEqual(readAnswer(message(2, 0, int32(-19), echoedHeader)), {
      kind: 'refused',
      errno: 19,
      detail: '',
    });
  });

  it("adds the kernel's sentence from the extended acknowledgement", () => {
    const text = encodeAttribute(1, Buffer.from('Interface is down\0'));
    assert.deepEqual(readAnswer(message(2, 0x200, int32(-100), echoedHeader, text)), {
      kind: 'refused',
      errno: 100,
      detail: 'Interface is down',
    });
  });

  it('takes NLMSG_DONE as the end, with or without a result', () => {
    assert.deepEqual(readAnswer(message(3, 2)), { kind: 'end' });
    assert.deepEqual(readAnswer(message(3, 2, int32(0))), { kind: 'end' });
  });

  it('reports a dump that failed at its end', () => {
    assert.deepEqual(readAnswer(message(3, 2, int32(-12))), {
      kind: 'refused',
      errno: 12,
      detail: '',
    });
  });

  it('calls a truncated error a protocol error', () => {
    const answer = readAnswer(message(2, 0, Buffer.from([1])));
    assert.equal(answer.kind === 'refused' && answer.errno, 71);
  });

  it('passes everything else on as a part and skips padding', () => {
    const link = message(16, 2, Buffer.from('link'));
    assert.deepEqual(readAnswer(link), { kind: 'part', message: link });
    assert.deepEqual(readAnswer(message(1, 0)), { kind: 'noise' });
  });
});
