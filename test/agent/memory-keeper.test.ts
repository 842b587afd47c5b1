import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { MemoryKeeper } from '../../src/agent/memory-keeper.ts';
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
      unmap: () => {
        done.push('unmap');
        return Promise.resolve();
      },
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
    const round = ['release', 'limit', 'collect'];
    assert.deepEqual(pass(6_000), [...round, ...round, 'release', 'unmap']);
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
    assert.deepEqual(seen.slice(0, 3), ['limit', 'collect', 'release']);
  });

  for (const { objects, many } of [
    { objects: 1, many: 1_000 },
    { objects: 30_000, many: 6_000 },
    { objects: 500_000, many: 20_000 },
  ]) {
    it(`does so again after ${many} updates beside ${objects} objects`, () => {
      keeper.updated(objects);
      pass(16_000);
      pass(14_000);
      keeper.updated(many - 1);
      assert.deepEqual(pass(60_000), []);
      keeper.updated(1);
      const limited = ['limit', 'limit', 'collect', 'release', 'limit', 'collect'];
      assert.deepEqual(pass(10_000), limited);
    });
  }

  it('waits for more where most objects came after the first view', () => {
    keeper.updated(1);
    pass(14_000);
    keeper.updated(100_000);
    pass(16_000);
    pass(14_000);
    keeper.updated(19_999);
    assert.deepEqual(pass(60_000), []);
    keeper.updated(1);
    assert.ok(pass(8_000).includes('collect'));
  });

  it('does not wait for less after few more', () => {
    keeper.updated(30_000);
    pass(30_000);
    keeper.updated(6_000);
    pass(30_000);
    keeper.updated(5_999);
    assert.deepEqual(pass(20_000), []);
  });

  it('limits garbage again when the heap may have grown', () => {
    keeper.updated(1);
    pass(14_000);
    keeper.updated(1);
    assert.deepEqual(pass(58_000), []);
    keeper.updated(1);
    assert.deepEqual(pass(0), ['limit']);
  });

  it('stops', () => {
    keeper.updated(1);
    keeper.close();
    assert.deepEqual(pass(60_000), []);
  });
});
