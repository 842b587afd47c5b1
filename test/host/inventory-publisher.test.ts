import assert from 'node:assert/strict';
import type { NetworkInterface } from '../../src/host/host.ts';
import { InventoryPublisher } from '../../src/host/inventory-publisher.ts';
import { createManualClock } from './manual-clock.ts';
import type { ManualClock } from './manual-clock.ts';

const eth0 = { index: 2, name: 'eth0', running: true, addresses: ['10.0.0.1'] };
const eth1 = { index: 3, name: 'eth1', running: true, addresses: [] };

describe('InventoryPublisher', () => {
  let clock: ManualClock;
  let deliveries: (readonly NetworkInterface[])[];
  let publisher: InventoryPublisher;

  beforeEach(() => {
    clock = createManualClock();
    deliveries = [];
    publisher = new InventoryPublisher(clock, (interfaces) => deliveries.push(interfaces));
  });

  it('delivers the first inventory, even an empty one', () => {
    publisher.publish([]);
    assert.deepEqual(deliveries, [[]]);
  });

  it('delivers only what differs', () => {
    publisher.publish([eth0]);
    publisher.publish([{ ...eth0 }]);
    publisher.publish([eth0, eth1]);
    assert.deepEqual(deliveries, [[eth0], [eth0, eth1]]);
  });

  it('delivers a loss 100 ms later', () => {
    publisher.publish([eth0, eth1]);
    publisher.publish([eth0]);
    clock.advance(99);
    assert.equal(deliveries.length, 1);
    clock.advance(1);
    assert.deepEqual(deliveries, [[eth0, eth1], [eth0]]);
  });

  it('does not deliver a flap', () => {
    publisher.publish([eth0]);
    publisher.publish([{ ...eth0, running: false, addresses: [] }]);
    clock.advance(50);
    publisher.publish([eth0]);
    clock.advance(1000);
    assert.deepEqual(deliveries, [[eth0]]);
  });

  it('does not hold a gain back because of a loss', () => {
    publisher.publish([eth0]);
    publisher.publish([eth1]);
    assert.deepEqual(deliveries.at(-1), [eth0, eth1]);
    clock.advance(100);
    assert.deepEqual(deliveries.at(-1), [eth1]);
  });

  it('delivers losses of different times each in its own time', () => {
    publisher.publish([eth0, eth1]);
    publisher.publish([eth1]);
    clock.advance(60);
    publisher.publish([]);
    clock.advance(40);
    assert.deepEqual(deliveries.at(-1), [eth1]);
    clock.advance(60);
    assert.deepEqual(deliveries.at(-1), []);
  });

  it('delivers nothing after close', () => {
    publisher.publish([eth0]);
    publisher.publish([]);
    publisher.close();
    clock.advance(1000);
    assert.deepEqual(deliveries, [[eth0]]);
  });
});
