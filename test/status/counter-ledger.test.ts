import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { CounterLedger } from '../../src/status/counter-ledger.ts';

function reading(
  packets: number,
  name = 'a',
): {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
} {
  return { name, packets, bytes: packets * 100 };
}

describe('CounterLedger', () => {
  it('tells what the kernel tells', () => {
    const ledger = new CounterLedger();
    ledger.read([reading(3), reading(5, 'b')]);
    ledger.read([reading(4), reading(5, 'b')]);
    assert.deepEqual(ledger.total('a'), { packets: 4, bytes: 400 });
    assert.deepEqual(ledger.total('b'), { packets: 5, bytes: 500 });
    assert.deepEqual(ledger.total('unknown'), { packets: 0, bytes: 0 });
  });

  it('goes on where it was when the kernel began anew', () => {
    const ledger = new CounterLedger();
    ledger.read([reading(10)]);
    ledger.read([reading(2)]);
    ledger.read([reading(3)]);
    assert.deepEqual(ledger.total('a'), { packets: 13, bytes: 1300 });
  });

  it('goes on where it was when a counter is deleted and comes back higher', () => {
    const ledger = new CounterLedger();
    ledger.read([reading(10)]);
    ledger.retire(['a']);
    assert.deepEqual(ledger.total('a'), { packets: 10, bytes: 1000 });
    ledger.read([reading(15)]);
    assert.deepEqual(ledger.total('a'), { packets: 25, bytes: 2500 });
  });

  it('forgets the oldest of very many counters that are gone', () => {
    const ledger = new CounterLedger();
    const names = Array.from({ length: 10_001 }, (_, i) => `c${i}`);
    ledger.read(names.map((name) => reading(1, name)));
    ledger.retire(names);
    assert.equal(ledger.total('c0').packets, 0);
    assert.equal(ledger.total('c1').packets, 1);
  });

  it('never goes backwards, whatever happens to the counter', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('count'), packets: fc.nat(50) }),
      fc.record({ kind: fc.constantFrom('reset', 'read', 'delete'), packets: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ledger = new CounterLedger();
        let kernel = 0;
        let before = 0;
        for (const { kind, packets } of steps) {
          if (kind === 'count') kernel += packets;
          if (kind === 'read') ledger.read([reading(kernel)]);
          if (kind === 'delete') ledger.retire(['a']);
          if (kind === 'delete' || kind === 'reset') kernel = 0;
          const { packets: total } = ledger.total('a');
          assert.ok(total >= before, `${total} after ${before}`);
          before = total;
        }
      }),
    );
  });
});
