import assert from 'node:assert/strict';
import type { NetworkInterface } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { Deliveries } from './deliveries.ts';
import { itKeepsTheHostContract } from './host-contract.ts';
import type { HostRig } from './host-contract.ts';

function memoryRig(): HostRig {
  const host = createMemoryHost();
  let interfaces: readonly NetworkInterface[] = [];
  let nextIndex = 1;
  const set = (next: readonly NetworkInterface[]): Promise<void> => {
    interfaces = next;
    host.set(next);
    return Promise.resolve();
  };
  const edit = (
    name: string,
    change: (entry: NetworkInterface) => Partial<NetworkInterface>,
  ): Promise<void> =>
    set(interfaces.map((entry) => (entry.name === name ? { ...entry, ...change(entry) } : entry)));
  return {
    host,
    addLink: (name) =>
      set([{ index: nextIndex++, name, running: false, addresses: [] }, ...interfaces]),
    deleteLink: (name) => set(interfaces.filter((entry) => entry.name !== name)),
    renameLink: (name, to) => edit(name, () => ({ name: to })),
    setRunning: (name, running) => edit(name, () => ({ running })),
    addAddress: (name, address) =>
      edit(name, ({ addresses }) => ({ addresses: [address, ...addresses] })),
    removeAddress: (name, address) =>
      edit(name, ({ addresses }) => ({ addresses: addresses.filter((one) => one !== address) })),
    dispose: () => Promise.resolve(),
  };
}

describe('createMemoryHost', () => {
  itKeepsTheHostContract(() => Promise.resolve(memoryRig()));

  it('does not deliver when set says nothing new, in whatever order', async () => {
    const eth0 = { index: 2, name: 'eth0', running: true, addresses: ['10.0.0.1', '10.0.0.2'] };
    const lo = { index: 1, name: 'lo', running: true, addresses: [] };
    const host = createMemoryHost([lo, eth0]);
    const deliveries = new Deliveries();
    await host.start(deliveries.listener);
    host.set([{ ...eth0, addresses: ['10.0.0.2', '10.0.0.1', '10.0.0.1'] }, lo]);
    assert.deepEqual(deliveries.all, [[eth0, lo]]);
  });
});
