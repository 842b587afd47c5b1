import assert from 'node:assert/strict';
import { compareBytes } from '../../src/base/byte-order.ts';
import type { Host } from '../../src/host/host.ts';
import { Deliveries } from './deliveries.ts';

/** A Host together with a way to change what it watches. A link that was added is not running. */
export interface HostRig {
  readonly host: Host;
  addLink(name: string): Promise<void>;
  deleteLink(name: string): Promise<void>;
  renameLink(name: string, to: string): Promise<void>;
  /** Makes the link running, or not. */
  setRunning(name: string, running: boolean): Promise<void>;
  addAddress(name: string, address: string): Promise<void>;
  removeAddress(name: string, address: string): Promise<void>;
  dispose(): Promise<void>;
}

/** What every Host promises; call inside a `describe`. */
export function itKeepsTheHostContract(setUp: () => Promise<HostRig>): void {
  let rig: HostRig;
  let deliveries: Deliveries;

  beforeEach(async () => {
    rig = await setUp();
    deliveries = new Deliveries();
    await rig.addLink('there0');
    await rig.addAddress('there0', '10.9.0.1');
    await rig.host.start(deliveries.listener);
  });

  afterEach(async () => {
    await rig.host.close();
    await rig.dispose();
    deliveries.assertEachDiffers();
  });

  it('has delivered the inventory once start resolves', () => {
    assert.ok(deliveries.all.length >= 1);
    assert.deepEqual(deliveries.find('there0')?.addresses, ['10.9.0.1']);
    assert.equal(deliveries.find('there0')?.running, false);
  });

  it('delivers new interfaces, ordered by name', async () => {
    await rig.addLink('there10');
    await rig.addLink('There9');
    await deliveries.until(
      () => deliveries.find('there10') !== undefined && deliveries.find('There9') !== undefined,
    );
    const names = (deliveries.all.at(-1) ?? []).map(({ name }) => name);
    assert.deepEqual(names, [...names].sort(compareBytes));
  });

  it('delivers addresses of both families, canonical and sorted, and their end', async () => {
    await rig.addAddress('there0', '10.9.0.10');
    await rig.addAddress('there0', 'fd00:0:0:9::a');
    await deliveries.until(() => deliveries.find('there0')?.addresses.length === 3);
    assert.deepEqual(deliveries.find('there0')?.addresses, [
      '10.9.0.1',
      '10.9.0.10',
      'fd00:0:0:9::a',
    ]);
    await rig.removeAddress('there0', '10.9.0.1');
    await rig.removeAddress('there0', 'fd00:0:0:9::a');
    await deliveries.until(() => deliveries.find('there0')?.addresses.length === 1);
    assert.deepEqual(deliveries.find('there0')?.addresses, ['10.9.0.10']);
  });

  it('delivers the running state both ways', async () => {
    await rig.setRunning('there0', true);
    await deliveries.until(() => deliveries.find('there0')?.running === true);
    await rig.setRunning('there0', false);
    await deliveries.until(() => deliveries.find('there0')?.running === false);
    assert.ok(deliveries.find('there0')?.addresses.includes('10.9.0.1'));
  });

  it('delivers a rename as another name of the same index, without losing addresses', async () => {
    const index = deliveries.find('there0')?.index;
    await rig.renameLink('there0', 'moved0');
    await deliveries.until(() => deliveries.find('moved0') !== undefined);
    assert.equal(deliveries.find('there0'), undefined);
    assert.equal(deliveries.find('moved0')?.index, index);
    assert.deepEqual(deliveries.find('moved0')?.addresses, ['10.9.0.1']);
  });

  it('delivers the end of an interface', async () => {
    await rig.deleteLink('there0');
    await deliveries.until(() => deliveries.find('there0') === undefined);
    await rig.addLink('there0');
    await deliveries.until(() => deliveries.find('there0') !== undefined);
    assert.deepEqual(deliveries.find('there0')?.addresses, []);
  });

  it('delivers nothing after close', async () => {
    await rig.host.close();
    const count = deliveries.all.length;
    const observer = await setUp();
    try {
      await rig.addLink('late0');
      const seen = new Deliveries();
      await observer.addLink('later0');
      await observer.host.start(seen.listener);
      await seen.until(() => seen.find('later0') !== undefined);
    } finally {
      await observer.host.close();
      await observer.dispose();
    }
    assert.equal(deliveries.all.length, count);
  });

  it('can be closed twice', async () => {
    await rig.host.close();
    await assert.doesNotReject(rig.host.close());
  });
}
