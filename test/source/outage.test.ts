import assert from 'node:assert/strict';
import { silentLogger } from '../../src/base/logger.ts';
import { Outage } from '../../src/source/outage.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('Outage', () => {
  let clock: ManualClock;
  let told: string[];
  let outage: Outage;

  beforeEach(() => {
    clock = new ManualClock();
    told = [];
    outage = new Outage({ clock, logger: silentLogger }, 1_000, ({ message }) =>
      told.push(message),
    );
  });

  it('tells the latest reason once, when the grace is over', () => {
    outage.failed(new Error('first'));
    clock.advance(900);
    outage.failed(new Error('second'));
    assert.deepEqual(told, []);
    clock.advance(100);
    outage.failed(new Error('third'));
    clock.advance(10_000);
    assert.deepEqual(told, ['second']);
  });

  it('says nothing about an outage that is over within the grace', () => {
    outage.failed(new Error('short'));
    clock.advance(999);
    outage.over();
    clock.advance(10_000);
    assert.deepEqual(told, []);
  });

  it('tells of the next outage again', () => {
    for (const reason of ['one', 'two']) {
      outage.failed(new Error(reason));
      clock.advance(1_000);
      outage.over();
    }
    assert.deepEqual(told, ['one', 'two']);
  });

  it('logs, and does not throw into the timer, when it cannot tell', () => {
    const logged: unknown[] = [];
    const logger = { ...silentLogger, error: (fields: object) => logged.push(fields) };
    const failing = new Outage({ clock, logger }, 10, () => {
      throw new Error('listener');
    });
    failing.failed(new Error('lost'));
    clock.advance(10);
    assert.deepEqual(logged, [{ error: 'listener' }]);
  });
});
