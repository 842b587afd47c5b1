import assert from 'node:assert/strict';
import { systemClock } from '../../src/agent/system-clock.ts';
import { TableWriter } from '../../src/agent/table-writer.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import type { CalicoObject } from '../support/calico.ts';
import { HeldNftables } from './held-nftables.ts';
import { createRig } from './rig.ts';

const HEP: CalicoObject = {
  kind: 'HostEndpoint',
  metadata: { name: 'edge', labels: { role: 'edge' } },
  spec: { node: 'hosta', interfaceName: 'eth0' },
};
const OTHERS = { what: 'changed', process: { pid: 7, name: 'other' } };
const EMPTY: Ruleset = { chains: new Map(), sets: new Map(), counters: new Set() };

describe('TableWriter', () => {
  it('promise 4: undoes what somebody else did while the table was read', async () => {
    const nftables = new HeldNftables();
    const rig = createRig(undefined, nftables);
    rig.put(HEP);
    await rig.loop.start();
    await rig.settled();
    const before = [...nftables.contents().chains.keys()];
    const held = nftables.hold();
    nftables.tamper([{ op: 'flush-chain', name: 'filter-input' }], OTHERS);
    await held;
    nftables.tamper([{ op: 'add-chain', name: 'theirs', base: null }], OTHERS);
    nftables.release();
    await rig.settled();
    assert.deepEqual([...nftables.contents().chains.keys()].sort(), before.sort());
  });

  it('reads again when a doubt arose while it read', async () => {
    const nftables = new HeldNftables();
    const writer = new TableWriter(nftables, systemClock);
    const held = nftables.hold();
    const prepared = writer.prepare();
    await held;
    await nftables.apply([{ op: 'add-table' }, { op: 'add-chain', name: 'theirs', base: null }]);
    writer.doubt();
    nftables.release();
    await prepared;
    assert.equal(await writer.isTablePresent(), true);
    await writer.write(() => ({ ruleset: EMPTY }));
    assert.deepEqual([...nftables.contents().chains.keys()], []);
  });

  it('does not take a table for gone that somebody touched while it was taken away', async () => {
    const nftables = new HeldNftables();
    const writer = new TableWriter(nftables, systemClock);
    await writer.write(() => ({ ruleset: EMPTY }));
    const taken = writer.takeAway();
    writer.doubt();
    await taken;
    await nftables.apply([{ op: 'add-table' }]);
    assert.equal(await writer.isTablePresent(), true);
  });
});
