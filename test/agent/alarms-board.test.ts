import assert from 'node:assert/strict';
import { AlarmBoard } from '../../src/agent/alarms-board.ts';
import { createRecordingLogger } from '../status/recording-logger.ts';

const FAULT = { code: 'a', objects: ['x'], message: 'x is wrong' };

describe('AlarmBoard', () => {
  it('keeps the time at which an alarm began, and logs it once', () => {
    const logger = createRecordingLogger();
    const board = new AlarmBoard(logger);
    assert.deepEqual(board.raise([FAULT], 10), [{ ...FAULT, since: 10 }]);
    assert.deepEqual(board.raise([FAULT], 20), [{ ...FAULT, since: 10 }]);
    assert.deepEqual(logger.lines, ['warn x is wrong']);
    assert.deepEqual(logger.fields, [{ alarm: 'a' }]);
  });

  it('logs what an alarm says anew, and that it is over', () => {
    const logger = createRecordingLogger();
    const board = new AlarmBoard(logger);
    board.raise([FAULT], 10);
    const more = { ...FAULT, objects: ['x', 'y'], message: 'x and y are wrong' };
    assert.deepEqual(board.raise([more], 20), [{ ...more, since: 10 }]);
    assert.deepEqual(board.raise([], 30), []);
    assert.deepEqual(board.raise([], 40), []);
    assert.deepEqual(logger.lines, [
      'warn x is wrong',
      'warn x and y are wrong',
      'info alarm over',
    ]);
  });
});
