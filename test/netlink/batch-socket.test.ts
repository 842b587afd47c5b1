import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createBatchSocket } from '../../src/netlink/batch-socket.ts';
import type { BatchLibc } from '../../src/netlink/batch-socket.ts';
import { ManualClock } from '../support/manual-clock.ts';

const SMALL = Buffer.alloc(1024);
const LARGE = Buffer.alloc(1024 * 1024);

interface Calls {
  readonly made: string[];
  /** How long the next call takes. */
  takesMs: number;
  result: number;
  later: number;
}

function socketOf(clock: ManualClock): {
  readonly calls: Calls;
  send: (bytes: Buffer, takesLong?: boolean) => Promise<unknown>;
} {
  const calls: Calls = { made: [], takesMs: 0, result: 1, later: 1 };
  const call = (name: string, result: number): number => {
    calls.made.push(name);
    clock.advance(calls.takesMs);
    return result;
  };
  const libc: BatchLibc = {
    sendto: () => call('direct', calls.result),
    sendtoLater: () => Promise.resolve(call('worker', calls.later)),
    recvfrom: () => -1,
    errno: () => 11,
    close: () => 0,
  };
  const socket = createBatchSocket(libc, { fd: 3, portId: 1, clock });
  return { calls, send: (bytes, takesLong) => socket.send(bytes, takesLong) };
}

describe('a batch socket', () => {
  it('sends small batches at once, and large and long ones on a worker thread', async () => {
    const { calls, send } = socketOf(new ManualClock());
    await send(SMALL);
    await send(LARGE);
    await send(SMALL, true);
    assert.deepEqual(calls.made, ['direct', 'worker', 'worker']);
  });

  it('leaves everything to the worker thread for a minute after a batch had to wait', async () => {
    const clock = new ManualClock();
    const { calls, send } = socketOf(clock);
    calls.takesMs = 200;
    await send(SMALL);
    await send(SMALL);
    clock.advance(60_000);
    calls.takesMs = 1;
    await send(SMALL);
    await send(SMALL);
    assert.deepEqual(calls.made, ['direct', 'worker', 'direct', 'direct']);
  });

  it('asks again why a worker thread failed, and once why a direct call did', async () => {
    const { calls, send } = socketOf(new ManualClock());
    calls.later = -1;
    await send(LARGE);
    calls.result = -1;
    await assert.rejects(send(LARGE), /EAGAIN/);
    await assert.rejects(send(SMALL), /EAGAIN/);
    assert.deepEqual(calls.made, ['worker', 'direct', 'worker', 'direct', 'direct']);
  });
});
