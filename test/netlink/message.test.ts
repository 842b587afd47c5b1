import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  attributeOrEmpty,
  encodeAttribute,
  encodeMessage,
  HEADER_LENGTH,
  parseAttributes,
  parseMessages,
} from '../../src/netlink/message.ts';

const payloads = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const messages = fc.record(
  {
    type: fc.integer({ min: 0, max: 0xffff }),
    flags: fc.integer({ min: 0, max: 0xffff }),
    sequence: fc.integer({ min: 0, max: 0xffffffff }),
    portId: fc.integer({ min: 0, max: 0xffffffff }),
    payload: payloads,
  },
  { noNullPrototype: true },
);

describe('encodeMessage', () => {
  it('lays the header out as struct nlmsghdr and pads to four bytes', () => {
    const message = {
      type: 18,
      flags: 0x301,
      sequence: 7,
      portId: 99,
      payload: Buffer.from([0xaa]),
    };
    assert.equal(
      encodeMessage(message).toString('hex'),
      '11000000' + '1200' + '0103' + '07000000' + '63000000' + 'aa000000',
    );
  });
});

describe('parseMessages', () => {
  it('reads back every message of a datagram in order', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 8 }), (list) => {
        assert.deepEqual(parseMessages(Buffer.concat(list.map(encodeMessage))), list);
      }),
    );
  });

  it('ends at a message that is cut off', () => {
    const first = { type: 16, flags: 0, sequence: 1, portId: 2, payload: Buffer.from('abcd') };
    const datagram = Buffer.concat([encodeMessage(first), encodeMessage(first)]);
    assert.deepEqual(parseMessages(datagram.subarray(0, datagram.length - 1)), [first]);
  });

  it('ends at a length shorter than a header, instead of looping', () => {
    const datagram = Buffer.alloc(HEADER_LENGTH * 2);
    datagram.writeUInt32LE(HEADER_LENGTH - 1, 0);
    assert.deepEqual(parseMessages(datagram), []);
  });

  it('never throws and never reads past the end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const total = parseMessages(Buffer.from(bytes)).reduce(
          (sum, message) => sum + HEADER_LENGTH + message.payload.length,
          0,
        );
        assert.ok(total <= bytes.length);
      }),
    );
  });
});

describe('parseAttributes', () => {
  it('reads back what encodeAttribute wrote', () => {
    const lists = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 0x3fff }), payloads), {
      selector: ([type]) => type,
      maxLength: 10,
    });
    fc.assert(
      fc.property(lists, (list) => {
        const buffer = Buffer.concat(list.map(([type, payload]) => encodeAttribute(type, payload)));
        assert.deepEqual(parseAttributes(buffer), new Map(list));
      }),
    );
  });

  it('ignores the nested and byte-order flags of the type', () => {
    const buffer = Buffer.concat([
      encodeAttribute(0x8000 | 3, Buffer.from('n')),
      encodeAttribute(0x4000 | 4, Buffer.from('b')),
    ]);
    assert.deepEqual([...parseAttributes(buffer).keys()], [3, 4]);
  });

  it('lets the last of two attributes of one type win', () => {
    const buffer = Buffer.concat([
      encodeAttribute(1, Buffer.from('old')),
      encodeAttribute(1, Buffer.from('new')),
    ]);
    assert.equal(parseAttributes(buffer).get(1)?.toString(), 'new');
  });

  it('leaves out what is cut off, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const payload of parseAttributes(Buffer.from(bytes)).values())
          assert.ok(payload.length + 4 <= bytes.length);
      }),
    );
  });
});

describe('attributeOrEmpty', () => {
  it('gives an empty buffer for an absent attribute', () => {
    assert.equal(attributeOrEmpty(new Map(), 5).length, 0);
  });
});
