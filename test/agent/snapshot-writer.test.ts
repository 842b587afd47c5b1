import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { readSnapshot } from '../../src/agent/snapshot-file.ts';
import { SnapshotWriter } from '../../src/agent/snapshot-writer.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';
import { ManualClock } from '../support/manual-clock.ts';

function state(name: string, value: string | null, revision = 1): RawUpdate {
  const bytes = value === null ? null : Buffer.from(value);
  return { key: `${RESOURCE_PREFIX}tiers/${name}`, value: bytes, revision };
}

const LARGEST_BYTES = 500_000;

describe('SnapshotWriter', () => {
  let stateDir: string;
  let clock: ManualClock;
  let isGood: boolean;
  let redelivered: number;
  let writer: SnapshotWriter;

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'rampart-snapshot-'));
    clock = new ManualClock();
    isGood = true;
    redelivered = 0;
    writer = new SnapshotWriter({
      stateDir,
      clock,
      logger: silentLogger,
      isGood: () => isGood,
      redeliver: () => {
        redelivered++;
      },
      largestBytes: LARGEST_BYTES,
    });
  });
  afterEach(() => {
    rmSync(stateDir, { recursive: true });
  });

  const file = (): string => join(stateDir, 'snapshot');

  const saved = (): Readonly<Record<string, string>> => {
    const read = readSnapshot(stateDir);
    assert.ok(read?.ok === true);
    const pairs = read.value.updates.map(({ key, value }) => [
      key.split('/').at(-1),
      String(value),
    ]);
    return Object.fromEntries(pairs) as Record<string, string>;
  };

  /** Lets the time for a save come, and waits for it. */
  const save = async (afterMs = 10_000): Promise<void> => {
    writer.settled();
    clock.advance(afterMs);
    await writer.saved;
  };

  const first = async (): Promise<void> => {
    writer.note([state('a', 'a'), state('b', 'b')], 5);
    writer.complete();
    await save(1000);
  };

  it('saves everything, readable by its owner only, then what differs', async () => {
    await first();
    assert.deepEqual(saved(), { a: 'a', b: 'b' });
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    writer.note([state('a', null), state('b', 'B', 6), state('c', 'c', 6)], 6);
    await save();
    assert.deepEqual(saved(), { b: 'B', c: 'c' });
    const read = readSnapshot(stateDir);
    assert.equal(read?.ok === true && read.value.revision, 6);
  });

  it('saves nothing of a view that is not complete or may not be enforced', async () => {
    writer.note([state('a', 'a')], 5);
    await save();
    assert.equal(existsSync(file()), false);
    await first();
    isGood = false;
    writer.note([state('a', null), state('b', null)], 6);
    await save();
    await writer.close();
    assert.deepEqual(saved(), { a: 'a', b: 'b' });
  });

  it('keeps bytes that their sender uses again', async () => {
    const bytes = Buffer.from('a');
    writer.note([{ ...state('a', ''), value: bytes }], 5);
    bytes.fill('z');
    writer.complete();
    await save();
    assert.deepEqual(saved(), { a: 'a' });
  });

  it('appends what changed of a large network set, and copies what is part of something larger', async () => {
    const key = `${RESOURCE_PREFIX}globalnetworksets/big`;
    const journal = (): number => statSync(join(stateDir, 'snapshot.journal')).size;
    const large = 'x'.repeat(100_000);
    await first();
    for (const end of ['1', '2']) {
      writer.note([{ key, value: Buffer.from(large + end), revision: 6 }], 6);
      await save();
      assert.equal(saved()['big'], large + end);
    }
    assert.ok(journal() < 101_000);
    const message = Buffer.alloc(1_000_000, 'z');
    writer.note([{ key, value: message.subarray(0, 100_001), revision: 7 }], 7);
    message.fill('!');
    await save();
    assert.equal(saved()['big'], 'z'.repeat(100_001));
  });

  it('takes what arrived during a save that failed as it was, however large', async () => {
    const set = (name: string, byte: string): RawUpdate => {
      // Part of a message that is larger.
      const message = Buffer.alloc(400_000, byte);
      const key = `${RESOURCE_PREFIX}globalnetworksets/${name}`;
      return { key, value: message.subarray(0, 150_000), revision: 6 };
    };
    mkdirSync(file());
    writer.note([state('a', 'a')], 5);
    writer.complete();
    writer.settled();
    clock.advance(1000);
    writer.note([set('x', '1'), set('y', '2'), set('z', '3')], 6);
    await writer.saved;
    assert.notDeepEqual(writer.faults(), []);
    rmSync(file(), { recursive: true });
    await save(30_000);
    const whole = (byte: string): string => byte.repeat(150_000);
    assert.deepEqual(saved(), { a: 'a', x: whole('1'), y: whole('2'), z: whole('3') });
  });

  it('rests between saves, and saves the rest when it is closed', async () => {
    await first();
    writer.note([state('c', 'c')], 6);
    writer.settled();
    clock.advance(9_000);
    assert.deepEqual(saved(), { a: 'a', b: 'b' });
    await writer.close();
    assert.deepEqual(saved(), { a: 'a', b: 'b', c: 'c' });
  });

  for (const [what, harm] of [
    [
      'changed',
      () => {
        writeFileSync(file(), readFileSync(file(), 'utf8').replace('a', 'x'));
      },
    ],
    [
      'removed',
      () => {
        rmSync(file());
      },
    ],
    [
      'made writable for others',
      () => {
        chmodSync(file(), 0o666);
      },
    ],
  ] as const) {
    it(`asks for everything once more when the file was ${what}`, async () => {
      await first();
      harm();
      writer.note([state('c', 'c')], 6);
      await save();
      assert.equal(redelivered, 1);
      assert.equal(writer.faults()[0]?.code, 'snapshot-unsaved');
      writer.note([state('a', 'a'), state('b', 'b'), state('c', 'c')], 6);
      writer.complete();
      await save(1000);
      assert.deepEqual(saved(), { a: 'a', b: 'b', c: 'c' });
      assert.deepEqual(writer.faults(), []);
    });
  }

  it('saves nothing that is too large to be read again, says so, and goes on once it is smaller', async () => {
    const large = { ...state('c', ''), value: Buffer.alloc(LARGEST_BYTES, 'c') };
    writer.note([state('a', 'a'), large], 5);
    writer.complete();
    await save();
    assert.deepEqual([existsSync(file()), existsSync(`${file()}.new`)], [false, false]);
    assert.match(writer.faults()[0]?.message ?? '', /they take more than 500000 bytes$/);
    writer.note([state('c', 'c', 6)], 6);
    await save(30_000);
    assert.deepEqual([saved(), writer.faults()], [{ a: 'a', c: 'c' }, []]);

    writer.note([{ ...large, revision: 7 }], 7);
    await save();
    assert.deepEqual(saved(), { a: 'a', c: 'c' });
    assert.equal(writer.faults()[0]?.code, 'snapshot-unsaved');
    writer.note([state('b', 'b', 8), state('c', null, 8)], 8);
    await save(30_000);
    assert.deepEqual([saved(), writer.faults()], [{ a: 'a', b: 'b' }, []]);
    assert.equal(redelivered, 0);
  });

  it('asks for everything once more, later, when changes find no room', async () => {
    rmSync(stateDir, { recursive: true });
    writeFileSync(stateDir, '');
    const large = { ...state('a', ''), value: Buffer.alloc(300_000, 'a') };
    writer.note([large, state('b', 'b')], 5);
    writer.complete();
    await save();
    assert.equal(writer.faults()[0]?.code, 'snapshot-unsaved');
    assert.equal(redelivered, 0);
    rmSync(stateDir);
    clock.advance(30_000);
    assert.equal(redelivered, 1);
    writer.note([large, state('b', 'b'), state('c', 'c')], 6);
    writer.complete();
    await save();
    assert.deepEqual(saved(), { a: 'a'.repeat(300_000), b: 'b', c: 'c' });
    assert.deepEqual(writer.faults(), []);
  });
});
