import assert from 'node:assert/strict';
import fc from 'fast-check';
import { generationAfter, readTableEvents } from '../../src/nftables-json/nf-tables-events.ts';
import { PendingChanges } from '../../src/nftables-json/pending-changes.ts';

// Recorded from Linux 6.18, nft 1.0.6, port 16258 and following.
const ADDED = hex(`
  3c000000000a000001000000823f0000010000020c00010072616d706172740008000300000000020c00040000000000
  0000000108000200000000003c000000030a000402000000823f0000010000020c00010072616d706172740006000300
  630000000c000200000000000000000108000600000000017400000009 0a000403000000823f0000010000020c000100
  72616d706172740006000200730000000c0010000000000000000002080004000000000708000500000000040a000d00
  00040200000000000400090017001300307866666666666666663832353037663430000008001400000000013c000000
  0c0a000400000000823f0000010000020c00010072616d7061727400060002007300000014000300100001000c000100
  080001000a00000194000000060a000c05000000823f0000010000020c00010072616d70617274000600020063000000
  0c0003000000000000000003600004002c0001000c000100636f756e746572001c0002000c0001000000000000000000
  0c0002000000000000000000300001000e000100696d6d6564696174650000001c000200080001000000000010000200
  0c0002000800010000000001`);
const ADDED_END = hex(
  '2c0000000f0a000001000000823f00000000000208000100000000020800020000003f82080003006e667400',
);
const OTHER_TABLE = hex(`
  3c000000000a000001000000833f0000020000030a0001006f7468657200000008000300000000000c00040000000000
  000000020800020000000000`);
const OTHER_END = hex(
  '2c0000000f0a000001000000833f00000000000308000100000000030800020000003f83080003006e667400',
);
const FLUSHED = hex(`
  94000000080a000001000000843f0000010000040c00010072616d706172740006000200630000000c00030000000000
  00000003600004002c0001000c000100636f756e746572001c0002000c00010000000000000000000c00020000000000
  00000000300001000e000100696d6d6564696174650000001c0002000800010000000000100002000c00020008000100
  00000001340000000b0a000001000000843f0000010000040c00010072616d706172740006000200730000000c001000
  000000000000000234000000050a000001000000843f0000010000040c00010072616d70617274000600030063000000
  0c000200000000000000000134000000020a000001000000843f0000010000040c00010072616d706172740008000300
  000000000c000400000000000000000134000000020a000001000000843f0000020000040a0001006f74686572000000
  08000300000000000c0004000000000000000002`);
const FLUSHED_END = hex(
  '2c0000000f0a000001000000843f00000000000408000100000000040800020000003f84080003006e667400',
);

const NOBODY = (): boolean => false;

describe('readTableEvents', () => {
  it('names what changed in our table', () => {
    const portId = 0x3f82;
    assert.deepEqual(
      readTableEvents(ADDED, NOBODY),
      [
        'table inet rampart added or changed',
        'chain c added or changed',
        'set s added or changed',
        'elements of set s added',
        'rule in chain c added',
      ].map((what) => ({ kind: 'change', portId, what })),
    );
  });

  it('tells who ended the transaction', () => {
    assert.deepEqual(readTableEvents(ADDED_END, NOBODY), [
      { kind: 'generation', portId: 0x3f82, process: { pid: 0x3f82, name: 'nft' } },
    ]);
  });

  it('passes over other tables, and over our own ports', () => {
    assert.deepEqual(readTableEvents(OTHER_TABLE, NOBODY), []);
    assert.deepEqual(
      readTableEvents(ADDED, (portId) => portId === 0x3f82),
      [],
    );
  });

  it('survives whatever arrives', () => {
    const garbled = fc
      .tuple(fc.constantFrom(ADDED, ADDED_END, FLUSHED), fc.nat(1000), fc.nat(255), fc.nat(700))
      .map(([datagram, at, byte, length]) => {
        const copy = Buffer.from(datagram);
        copy[at % copy.length] = byte;
        return copy.subarray(0, length);
      });
    fc.assert(
      fc.property(
        fc.oneof(
          garbled,
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        (datagram) => readTableEvents(datagram, NOBODY).every(({ kind }) => kind.length > 0),
      ),
    );
  });
});

describe('PendingChanges', () => {
  it('tells of a transaction at its end, the fate of the table first', () => {
    const pending = new PendingChanges();
    const told = [ADDED, ADDED_END, OTHER_TABLE, OTHER_END, FLUSHED, FLUSHED_END]
      .flatMap((datagram) => readTableEvents(datagram, NOBODY))
      .flatMap((event) => pending.take(event) ?? []);
    assert.deepEqual(told, [
      {
        what: 'table inet rampart added or changed and 4 more',
        process: { pid: 0x3f82, name: 'nft' },
      },
      { what: 'table inet rampart deleted and 3 more', process: { pid: 0x3f84, name: 'nft' } },
    ]);
  });

  it('tells nothing of a transaction whose end will not be told', () => {
    const pending = new PendingChanges();
    const take = (datagram: Buffer): readonly unknown[] =>
      readTableEvents(datagram, NOBODY).flatMap((event) => pending.take(event) ?? []);
    assert.deepEqual(take(ADDED), []);
    pending.clear();
    assert.deepEqual(take(OTHER_END), []);
  });
});

describe('generationAfter', () => {
  it('counts as the kernel does: 32 bits, without zero', () => {
    assert.deepEqual([1, 0x7fffffff, 0xffffffff].map(generationAfter), [2, 0x80000000, 1]);
  });
});

function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s+/g, ''), 'hex');
}
