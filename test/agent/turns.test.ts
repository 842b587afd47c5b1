import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Turns } from '../../src/agent/turns.ts';

describe('Turns', () => {
  it('plans no other attempt for a turn that fails once they were stopped', async () => {
    const planned: number[] = [];
    const after = (delayMs: number): (() => void) => {
      planned.push(delayMs);
      return () => undefined;
    };
    const failing = (stop: boolean): Turns => {
      const turns: Turns = new Turns(
        { after },
        {
          decide: () => 'begin',
          prepare: () => Promise.resolve(),
          act: () => {
            if (stop) turns.stop();
            return Promise.reject(new Error('refused'));
          },
          failed: () => 7,
        },
      );
      return turns;
    };
    for (const stop of [false, true]) {
      const turns = failing(stop);
      turns.due();
      await turns.tried();
    }
    assert.deepEqual(planned, [7]);
  });
});
