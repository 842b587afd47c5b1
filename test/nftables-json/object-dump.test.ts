import assert from 'node:assert/strict';
import { readObjects } from '../../src/nftables-json/object-dump.ts';

// Payloads recorded from Linux 6.18: a counter of 3 packets and 2^32 + 1 bytes, and a quota.
const COUNTER =
  '010000050c00010072616d706172740009000200686974730000000008000300000000010c0006000000000000000001' +
  '08000500000000001c0004000c00010000000001000000010c0002000000000000000003';
const QUOTA =
  '010000050c00010072616d7061727400060002007100000008000300000000020c000600000000000000000208000500' +
  '00000000240004000c000100000000000000000a0c00040000000000000000000800020000000001';

describe('readObjects', () => {
  it('reads counters and the objects of others', () => {
    assert.deepEqual(readObjects([COUNTER, QUOTA].map(message)), {
      counters: [{ name: 'hits', packets: 3, bytes: 2 ** 32 + 1 }],
      foreign: [{ kind: 'quota', name: 'q' }],
    });
  });

  it('passes over other tables, other families, unknown types and rubbish', () => {
    const rest = [
      COUNTER.replace('72616d70617274', '72616d70617275'),
      COUNTER.replace(/^01/, '02'),
      COUNTER.replace('0800030000000001', '0800030000000063'),
      '01000005',
      '',
    ];
    assert.deepEqual(readObjects(rest.map(message)), { counters: [], foreign: [] });
  });
});

function message(payload: string): Parameters<typeof readObjects>[0][number] {
  return { type: 2578, flags: 2, sequence: 1, portId: 1, payload: Buffer.from(payload, 'hex') };
}
