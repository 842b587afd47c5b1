import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { writeDurably } from '../../src/agent/durable-file.ts';

const pieces = fc.array(
  fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 20 }),
    times: fc.constantFrom(1, 2, 20_000),
    isBytes: fc.boolean(),
  }),
  { maxLength: 12 },
);

describe('writeDurably', () => {
  it('writes texts and bytes in their order, however many', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rampart-durable-'));
    try {
      await fc.assert(
        fc.asyncProperty(pieces, async (all) => {
          const parts = all.map(({ text, times, isBytes }) => {
            const long = text.repeat(times);
            return isBytes ? Buffer.from(long) : long;
          });
          await writeDurably(directory, 'file', parts);
          const expected = Buffer.concat(parts.map((part) => Buffer.from(part)));
          assert.ok(readFileSync(join(directory, 'file')).equals(expected));
          assert.deepEqual(readdirSync(directory), ['file']);
        }),
        { numRuns: 50 },
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
