import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { formatRecord, formatSnapshot, parseSnapshot } from '../../src/agent/snapshot-format.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';

const HEAD = { revision: 42, takenAt: Date.parse('2026-08-03T10:15:00.000Z') };

function fileOf(updates: readonly RawUpdate[]): string {
  const records = updates.map(({ key, value, revision }) =>
    formatRecord(key, value ?? Buffer.of(), revision),
  );
  return [...formatSnapshot(HEAD, records)].join('');
}

function parse(text: string): ReturnType<typeof parseSnapshot> {
  return parseSnapshot(text.split('\n').slice(0, -1));
}

const anyUpdate = fc.record({
  key: fc.string({ unit: 'binary' }).map((name) => RESOURCE_PREFIX + name),
  value: fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }).map(utf8)),
  revision: fc.nat(),
});

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('the snapshot of the datastore', () => {
  it('is read as it was written, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(anyUpdate), (updates) => {
        const read = parse(fileOf(updates));
        assert.ok(read.ok);
        assert.deepEqual({ revision: read.value.revision, takenAt: read.value.takenAt }, HEAD);
        assert.deepEqual(
          read.value.updates.map((one) => ({ ...one, value: new Uint8Array(one.value ?? []) })),
          updates.map((one) => ({ ...one, value: new Uint8Array(one.value) })),
        );
      }),
    );
  });

  it('is refused when a single character differs, wherever', () => {
    const text = fileOf([
      { key: `${RESOURCE_PREFIX}tiers/a`, value: utf8('{"a":1}'), revision: 7 },
      { key: `${RESOURCE_PREFIX}tiers/b`, value: utf8('{"b":1}'), revision: 8 },
    ]);
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === 'x' ? 'y' : 'x';
      assert.equal(parse(text.slice(0, i) + other + text.slice(i + 1)).ok, false, `at ${i}`);
      assert.equal(parse(text.slice(0, i)).ok, false, `cut at ${i}`);
    }
  });

  for (const [what, text, complaint] of [
    ['nothing', '', /ends too early/],
    ['something else', '{"a":1}\n{}\n', /no snapshot of the datastore/],
    ['another version', fileOf([]).replace('"version":1', '"version":2'), /version is 2, not 1/],
    ['noise', '\u0000\n\u0000\n\u0000\n', /no snapshot/],
  ] as const) {
    it(`says what is wrong with ${what}`, () => {
      const read = parse(text);
      assert.ok(!read.ok);
      assert.match(read.error, complaint);
    });
  }

  it('never throws on lines of any kind', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        assert.equal(parseSnapshot(lines).ok, false);
      }),
    );
  });
});
