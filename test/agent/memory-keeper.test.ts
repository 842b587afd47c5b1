import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { MemoryKeeper } from '../../src/agent/memory-keeper.ts';
import { createProcessMemory } from '../../src/agent/process-memory.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('MemoryKeeper', () => {
  let clock: ManualClock;
  let done: string[];
  let keeper: MemoryKeeper;

  beforeEach(() => {
    clock = new ManualClock();
    done = [];
    const memory = {
      limitGarbage: () => done.push('limit'),
      collect: () => done.push('collect'),
      release: () => done.push('release'),
    };
    keeper = new MemoryKeeper({ clock, logger: silentLogger, memory });
  });

  const pass = (ms: number): readonly string[] => {
    clock.advance(ms);
    return done.splice(0);
  };

  it('gives memory back once the first view is in', () => {
    assert.deepEqual(pass(60_000), []);
    keeper.updated(10);
    assert.deepEqual(pass(8_000), ['limit', 'collect']);
    assert.deepEqual(pass(1_000), ['release']);
    assert.deepEqual(pass(60_000), []);
  });

  it('waits while much arrives, but not for silence', () => {
    for (let i = 0; i < 10; i++) {
      keeper.updated(5_000);
      assert.deepEqual(pass(4_000), []);
    }
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) {
      keeper.updated(10);
      seen.push(...pass(1_000));
    }
    assert.deepEqual(seen, ['limit', 'collect', 'release']);
  });

  it('does so again only after many updates', () => {
    keeper.updated(1);
    pass(9_000);
    keeper.updated(19_999);
    assert.deepEqual(pass(60_000), []);
    keeper.updated(1);
    assert.deepEqual(pass(9_000), ['collect', 'release']);
  });

  it('stops', () => {
    keeper.updated(1);
    keeper.close();
    assert.deepEqual(pass(60_000), []);
  });

  it('collects garbage of this process, and leaves no function behind that does', async () => {
    const memory = await createProcessMemory();
    const garbage = new WeakRef({});
    await new Promise((resolve) => setImmediate(resolve));
    memory.collect();
    memory.release();
    assert.equal(garbage.deref(), undefined);
    assert.equal('gc' in globalThis, false);
  });
});
