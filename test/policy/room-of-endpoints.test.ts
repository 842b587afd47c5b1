import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, it } from 'mocha';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { UpdateDecoder } from '../../src/resource/update-decoder.ts';
import { workloadEndpoint } from '../../bench/cluster.ts';

const ENDPOINTS = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('globalThis.gc') as () => void;

/** Bytes of heap that what `make` answers takes. */
function roomOf(make: () => object): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = [make()];
  collect();
  const room = process.memoryUsage().heapUsed - before;
  assert.equal(kept.length, 1);
  return room;
}

describe('the room that endpoints take', () => {
  it('is less than three quarters of that of their stored text', () => {
    const store = (): PolicyStore => {
      const store = new PolicyStore('host');
      const decoder = new UpdateDecoder();
      for (let i = 0; i < ENDPOINTS; i++) {
        const { key, value } = workloadEndpoint(i);
        const update = decoder.decode({ key, value: Buffer.from(value), revision: i });
        if (update !== null) store.apply(update);
      }
      return store;
    };
    // What is made once, whatever is stored: code, tables of the decoder.
    store();
    const texts = roomOf(() =>
      Array.from({ length: ENDPOINTS }, (_, i) => workloadEndpoint(i).value),
    );
    const room = roomOf(store);
    assert.ok(room < texts * 0.75, `${room} bytes, beside ${texts} of text`);
  });
});
