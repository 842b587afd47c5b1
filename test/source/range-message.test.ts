import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeRange, encodeRange } from '../../src/source/range-message.ts';
import { protoMethod } from './proto-method.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ minLength: 1, maxLength: 200 }).map((key) => Buffer.from(key));
const revision = fc.maxSafeNat();
const big = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);

const answer = fc.record({
  header: fc.record({ cluster_id: big, member_id: big, revision, raft_term: big }),
  kvs: fc.array(
    fc.record({
      key: fc.oneof(text, bytes),
      create_revision: revision,
      mod_revision: revision,
      version: revision,
      value: bytes,
      lease: revision,
    }),
    { maxLength: 5 },
  ),
  more: fc.boolean(),
  count: revision,
});

describe("etcd's messages about ranges", () => {
  const range = protoMethod('KV', 'Range');

  it('are read as protobufjs writes them', () => {
    fc.assert(
      fc.property(answer, ({ header, kvs, more, count }) => {
        const message = range.responseSerialize({ header, kvs, more, count });
        const last = kvs.at(-1);
        assert.deepEqual(decodeRange(message), {
          updates: kvs.map(({ key, value, mod_revision }) => ({
            key: key.toString(),
            value,
            revision: mod_revision,
          })),
          next: more && last !== undefined ? Buffer.concat([last.key, Buffer.of(0)]) : null,
          revision: header.revision,
          clusterId: header.cluster_id,
        });
      }),
    );
  });

  it('are written as protobufjs reads them', () => {
    fc.assert(
      fc.property(bytes, bytes, revision, revision, (from, end, limit, at) => {
        const message = encodeRange({ from, end, limit, revision: at });
        const read = range.requestDeserialize(message) as Readonly<Record<string, unknown>>;
        const {
          key = Buffer.alloc(0),
          range_end = Buffer.alloc(0),
          limit: most,
          revision: of,
        } = read;
        assert.deepEqual(
          { key, range_end, most, of },
          { key: from, range_end: end, most: String(limit), of: String(at) },
        );
      }),
    );
  });

  it('are passed over where they have fields that are not known', () => {
    const unknown = Buffer.from([
      0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x7a, 2, 9, 9, 0x70, 0x80, 1,
    ]);
    const value = Buffer.from([0x0a, 1, 0x61, ...unknown, 0x2a, 1, 0x62]);
    const message = Buffer.from([...unknown, 0x12, value.length, ...value]);
    assert.deepEqual(decodeRange(message).updates, [
      { key: 'a', value: Buffer.from('b'), revision: 0 },
    ]);
  });

  it('are refused, or read as something, whatever the bytes are', () => {
    fc.assert(
      fc.property(bytes, (message) => {
        try {
          decodeRange(message);
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }),
    );
  });

  it('are refused where they are cut off', () => {
    const kvs = [{ key: Buffer.from('k'), value: Buffer.alloc(200), mod_revision: 7 }];
    const message = range.responseSerialize({ header: { revision: 9 }, kvs });
    assert.throws(() => decodeRange(message.subarray(0, -1)), /ends within a field/);
    assert.throws(() => decodeRange(Buffer.from([0x12, 0x80])), /ends within a number/);
    assert.throws(() => decodeRange(Buffer.from([0x13])), /is not known/);
  });
});
