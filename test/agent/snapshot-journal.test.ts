import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { formatJournalPart, journalHash, parseJournal } from '../../src/agent/snapshot-journal.ts';
import type { JournalRecord } from '../../src/agent/snapshot-journal.ts';
import type { SnapshotHead } from '../../src/agent/snapshot-format.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';

const SNAPSHOT = 'ab'.repeat(32);
const TAKEN_AT = Date.parse('2026-08-03T10:15:00.000Z');

interface Part {
  readonly head: SnapshotHead;
  readonly updates: readonly JournalRecord[];
}

/** The journal, and where each part of it ends. */
function journalOf(parts: readonly Part[]): { readonly bytes: Buffer; readonly ends: number[] } {
  const hash = journalHash(SNAPSHOT);
  let bytes = Buffer.alloc(0);
  const ends = parts.map(({ head, updates }) => {
    bytes = Buffer.concat([bytes, ...formatJournalPart(head, updates, hash)]);
    return bytes.length;
  });
  return { bytes, ends };
}

function parse(bytes: Buffer, snapshot = SNAPSHOT): readonly Part[] {
  return Array.from(parseJournal(bytes, snapshot), ({ records, revision, takenAt }) => ({
    head: { revision, takenAt },
    updates: records.map(copied),
  }));
}

function copied(record: JournalRecord): JournalRecord {
  if ('patch' in record) {
    const { patch, ...one } = record;
    return { ...one, patch: { ...patch, bytes: Buffer.from(patch.bytes) } };
  }
  const { value, ...one } = record;
  return { ...one, value: value === null ? null : Buffer.from(value) };
}

// Records as they are read back.
const PLAIN = { noNullPrototype: true } as const;
const anyUpdate: fc.Arbitrary<RawUpdate> = fc.record(
  {
    key: fc.string({ unit: 'binary' }).map((name) => RESOURCE_PREFIX + name),
    value: fc.oneof(
      fc.constant(null),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('{"a":1}\n', '{\n', '"\t1\t1\n').map((text) => Buffer.from(text)),
    ),
    revision: fc.nat(),
  },
  PLAIN,
);
const bytes = fc.uint8Array().map((one) => Buffer.from(one));
const anyPatch = fc.record(
  {
    key: fc.string({ unit: 'binary' }).map((name) => RESOURCE_PREFIX + name),
    patch: fc.record({ from: fc.nat(), gone: fc.nat(), bytes }, PLAIN),
    revision: fc.nat(),
  },
  PLAIN,
);
const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  { weight: 3, arbitrary: anyUpdate },
  anyPatch,
);
const anyHead = fc.record(
  { revision: fc.nat(), takenAt: fc.nat(1e9).map((ms) => TAKEN_AT + ms) },
  PLAIN,
);
const anyPart = fc.record({ head: anyHead, updates: fc.array(anyRecord, { maxLength: 5 }) }, PLAIN);

describe('the journal of the snapshot', () => {
  it('is read as it was written, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 5 }), (parts) => {
        assert.deepEqual(parse(journalOf(parts).bytes), parts);
      }),
    );
  });

  it('promise 5: cut at any byte, it is what was saved up to there', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { minLength: 1, maxLength: 3 }), (parts) => {
        const { bytes, ends } = journalOf(parts);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const whole = ends.filter((end) => end <= cut).length;
          assert.deepEqual(parse(bytes.subarray(0, cut)), parts.slice(0, whole), `cut at ${cut}`);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('with any byte changed, or zeros behind a cut, it is what was saved before that', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { minLength: 1, maxLength: 3 }), fc.nat(), (parts, at) => {
        const { bytes, ends } = journalOf(parts);
        const place = at % bytes.length;
        const whole = ends.filter((end) => end <= place).length;
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] ?? 0) ^ (1 + (at % 255));
        assert.deepEqual(parse(changed), parts.slice(0, whole));
        const zeros = Buffer.from(bytes).fill(0, place);
        assert.deepEqual(parse(zeros), parts.slice(0, whole));
      }),
    );
  });

  it('with any byte of the head of its last part changed, it is what was saved before that', () => {
    const part = { head: { revision: 1_000, takenAt: TAKEN_AT }, updates: [] };
    const { bytes } = journalOf([part]);
    for (const [place, byte] of bytes.entries())
      for (const other of [byte ^ 1, byte ^ 2, byte ^ 4]) {
        const changed = Buffer.from(bytes);
        changed[place] = other;
        assert.deepEqual(parse(changed), [], changed.toString());
      }
  });

  it('says nothing about another snapshot', () => {
    const part = { head: { revision: 1, takenAt: TAKEN_AT }, updates: [] };
    assert.deepEqual(parse(journalOf([part]).bytes, 'cd'.repeat(32)), []);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          assert.deepEqual(parse(Buffer.from(bytes)), []);
        },
      ),
    );
  });
});
