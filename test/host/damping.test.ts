import assert from 'node:assert/strict';
import fc from 'fast-check';
import { damp, DAMPING_MS } from '../../src/host/damping.ts';
import type { Damped } from '../../src/host/damping.ts';
import type { NetworkInterface } from '../../src/host/host.ts';
import { sortInventory } from '../../src/host/inventory.ts';

function shown(...inventory: readonly NetworkInterface[]): Damped {
  return { inventory, missing: new Map() };
}

const eth0 = { index: 2, name: 'eth0', running: true, addresses: ['10.0.0.1', '10.0.0.2'] };
const eth1 = { index: 3, name: 'eth1', running: true, addresses: [] };

describe('damp', () => {
  it('shows what is new at once', () => {
    assert.deepEqual(damp(shown(eth0), [eth0, eth1], 0).inventory, [eth0, eth1]);
  });

  it('goes on showing lost interfaces, addresses and running states for 100 ms', () => {
    const rest = [{ ...eth0, running: false, addresses: ['10.0.0.2'] }];
    const first = damp(shown(eth0, eth1), rest, 1000);
    assert.deepEqual(first.inventory, [eth0, eth1]);
    const later = damp(first, rest, 1000 + DAMPING_MS - 1);
    assert.deepEqual(later.inventory, [eth0, eth1]);
    const last = damp(later, rest, 1000 + DAMPING_MS);
    assert.deepEqual(last.inventory, rest);
    assert.equal(last.missing.size, 0);
  });

  it('starts the time afresh after what was lost came back', () => {
    const lost = damp(shown(eth0, eth1), [eth0], 0);
    const back = damp(lost, [eth0, eth1], 90);
    assert.equal(back.missing.size, 0);
    assert.deepEqual(damp(back, [eth0], 150).inventory, [eth0, eth1]);
  });

  it('shows a rename at once, without the old name', () => {
    const renamed = { ...eth0, name: 'wan0', addresses: ['10.0.0.1'] };
    assert.deepEqual(damp(shown(eth0), [renamed], 0).inventory, [renamed]);
  });

  it('shows a successor of the same name at once, without the old interface', () => {
    const successor = { ...eth0, index: 9, addresses: [] };
    assert.deepEqual(damp(shown(eth0), [successor], 0).inventory, [successor]);
  });

  it('ends at the current inventory once nothing happens any more', () => {
    const interfaces = fc
      .uniqueArray(
        fc.record(
          {
            index: fc.integer({ min: 1, max: 5 }),
            name: fc.constantFrom('a', 'b', 'c', 'd'),
            running: fc.boolean(),
            addresses: fc.subarray(['10.0.0.1', '10.0.0.2', '::1'], { minLength: 0 }),
          },
          { noNullPrototype: true },
        ),
        { selector: ({ index }) => index },
      )
      .map((list) => list.filter((one, i) => list.findIndex(({ name }) => name === one.name) === i))
      .map(sortInventory);
    const steps = fc.array(fc.tuple(interfaces, fc.nat(150)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(steps, (list) => {
        let now = 0;
        let state: Damped = shown();
        for (const [current, wait] of list) {
          state = damp(state, current, now);
          const names = state.inventory.map(({ name }) => name);
          assert.equal(new Set(names).size, names.length, 'one interface a name');
          now += wait;
        }
        const [last] = list.at(-1) ?? [[]];
        assert.deepEqual(damp(state, last, now + DAMPING_MS).inventory, last);
      }),
    );
  });
});
