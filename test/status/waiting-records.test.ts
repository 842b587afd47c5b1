import assert from 'node:assert/strict';
import { WaitingRecords } from '../../src/status/waiting-records.ts';

describe('WaitingRecords', () => {
  function adding(records: number): { readonly waiting: WaitingRecords; readonly made: number[] } {
    const waiting = new WaitingRecords();
    const made: number[] = [];
    for (let i = 0; i < records; i++) waiting.add(() => made.push(i));
    return { waiting, made };
  }

  it('makes them when somebody asks, once and in their order', () => {
    const { waiting, made } = adding(3);
    assert.deepEqual(made, []);
    waiting.make();
    waiting.make();
    assert.deepEqual(made, [0, 1, 2]);
  });

  it('keeps no more than 255 while nobody asks', () => {
    assert.equal(adding(255).made.length, 0);
    assert.equal(adding(256).made.length, 256);
    assert.equal(adding(600).made.length, 512);
  });
});
