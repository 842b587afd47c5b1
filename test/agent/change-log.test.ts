import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeLog } from '../../src/agent/change-log.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';

describe('ChangeLog', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-changes-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const statesOf = (log: ChangeLog): readonly RawUpdate[] =>
    Array.from(log.values(), (state) => ({
      ...state,
      value: state.value === null ? null : Buffer.from(state.value),
    }));

  it('has the last state of each key, whatever their sizes', () => {
    const value = fc
      .tuple(fc.constantFrom(0, 1, 1000, 100_000, 262_144, 700_000), fc.nat(255))
      .map(([length, byte]) => Buffer.alloc(length, byte));
    const update = fc.record(
      {
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        value: fc.option(value),
        revision: fc.maxSafeNat(),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(update, { maxLength: 20 }), (updates) => {
        const log = new ChangeLog(directory);
        const expected = new Map<string, RawUpdate>();
        for (const one of updates) {
          log.append(one);
          expected.delete(one.key);
          expected.set(one.key, one);
        }
        assert.equal(log.size, expected.size);
        assert.deepEqual([...log.keys()], [...expected.keys()]);
        assert.deepEqual(statesOf(log), [...expected.values()]);
        log.close();
      }),
      { numRuns: 50 },
    );
  });

  it('takes copies, and leaves no file with a name', () => {
    const log = new ChangeLog(join(directory, 'state'));
    const bytes = Buffer.alloc(200_000, 1);
    for (let i = 0; i < 5; i++) log.append({ key: String(i), value: bytes, revision: i });
    assert.deepEqual(readdirSync(join(directory, 'state')), []);
    bytes.fill(2);
    assert.ok(statesOf(log).every(({ value }) => value?.every((byte) => byte === 1) === true));
    log.close();
    assert.equal(log.size, 0);
  });

  it('keeps states as they are where it is told to, in their order', () => {
    const log = new ChangeLog(directory);
    const of = (key: string, byte: number): RawUpdate => ({
      ...{ key, value: Buffer.alloc(100_000, byte), revision: byte },
    });
    const [a, b, c] = [of('a', 1), of('b', 2), of('c', 3)];
    log.keep(a);
    log.append(b);
    log.keep(c);
    assert.deepEqual([...log.values()], [a, b, c]);
    assert.deepEqual(log.kept, [a, c]);
    assert.equal(log.bytes < 200_000, true);
    log.append(of('a', 4));
    log.keep(of('b', 5));
    assert.deepEqual(statesOf(log), [c, of('a', 4), of('b', 5)]);
    assert.deepEqual([...log.keys()], ['c', 'a', 'b']);
    assert.deepEqual(log.kept, [c, of('b', 5)]);
    log.close();
    assert.deepEqual(log.kept, []);
  });

  it('says that there is no room', () => {
    writeFileSync(join(directory, 'file'), '');
    const log = new ChangeLog(join(directory, 'file'));
    const append = (): void => {
      log.append({ key: 'a', value: Buffer.alloc(200_000), revision: 1 });
    };
    append();
    assert.throws(append, { code: 'EEXIST' });
  });
});
