import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeWatch, encodeWatch } from '../../src/source/watch-message.ts';
import { protoMethod } from './proto-method.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const revision = fc.maxSafeNat();
const big = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);

const keyValue = fc.record({
  key: fc.oneof(
    text.map((key) => Buffer.from(key)),
    bytes,
  ),
  create_revision: revision,
  mod_revision: revision,
  version: revision,
  value: bytes,
  lease: revision,
});

const answer = fc.record({
  header: fc.record({ cluster_id: big, member_id: big, revision, raft_term: big }),
  watch_id: fc.oneof(fc.constantFrom('-1', '0', '-2'), revision),
  created: fc.boolean(),
  canceled: fc.boolean(),
  compact_revision: revision,
  cancel_reason: text,
  fragment: fc.boolean(),
  events: fc.array(
    fc.record(
      { type: fc.constantFrom('Put', 'Delete'), kv: keyValue, prev_kv: keyValue },
      { requiredKeys: ['type', 'kv'] },
    ),
    { maxLength: 5 },
  ),
});

describe("etcd's messages about watches", () => {
  const watch = protoMethod('Watch', 'Watch');

  it('are read as protobufjs writes them', () => {
    fc.assert(
      fc.property(answer, (written) => {
        assert.deepEqual(decodeWatch(watch.responseSerialize(written)), {
          revision: written.header.revision,
          isProgress: written.watch_id === '-1',
          isCreated: written.created,
          isCanceled: written.canceled,
          compactRevision: written.compact_revision,
          cancelReason: written.cancel_reason,
          updates: written.events.map(({ type, kv: { key, value, mod_revision } }) => ({
            key: key.toString(),
            value: type === 'Delete' ? null : value,
            revision: mod_revision,
          })),
        });
      }),
    );
  });

  it('ask for keys as protobufjs reads it', () => {
    fc.assert(
      fc.property(bytes, bytes, revision, (from, end, at) => {
        const message = encodeWatch({ kind: 'create', from, end, revision: at });
        assert.deepEqual(watch.requestDeserialize(message), {
          create_request: {
            key: from,
            range_end: end,
            start_revision: String(at),
            progress_notify: true,
          },
        });
      }),
    );
  });

  it('ask for progress as protobufjs reads it', () => {
    const read = watch.requestDeserialize(encodeWatch({ kind: 'progress' }));
    assert.deepEqual(read, { progress_request: {} });
  });

  it('are refused where they are cut off', () => {
    fc.assert(
      fc.property(answer, fc.nat(), (written, cut) => {
        const message = watch.responseSerialize(written);
        fc.pre(message.length > 1 && written.events.length > 0);
        // The last event, which ends the message, misses its end.
        const { value } = written.events.at(-1)?.kv ?? { value: Buffer.alloc(0) };
        const missing = 1 + (cut % Math.max(1, value.length));
        assert.throws(() => decodeWatch(message.subarray(0, message.length - missing)), RangeError);
      }),
    );
  });
});
