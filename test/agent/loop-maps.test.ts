import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { nftablesWith } from '../../src/agent/nftables-with.ts';
import type { Problem } from '../../src/base/problem.ts';
import { canonicalChain } from '../../src/ruleset/canonical.ts';
import { createManualClock } from '../host/manual-clock.ts';
import type { ManualClock } from '../host/manual-clock.ts';
import type { CalicoObject } from '../support/calico.ts';
import { BUSY, createRig } from './rig.ts';
import type { Rig } from './rig.ts';

const HEP: CalicoObject = {
  kind: 'HostEndpoint',
  metadata: { name: 'edge', labels: { role: 'edge' } },
  spec: { node: 'hosta', interfaceName: 'eth0' },
};

const CLOSED: Problem = {
  ...{ severity: 'error', code: 'datastore-not-ready', object: 'ClusterInformation default' },
  ...{ field: 'spec.datastoreReady', message: 'The datastore is not ready.' },
};

/** A policy with rules enough for a verdict map. */
function denying(lastPort: number): CalicoObject {
  const ports = [...Array.from({ length: 9 }, (_, i) => 9001 + i), lastPort];
  return {
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'deny' },
    spec: {
      types: ['Ingress'],
      ingress: ports.map((port) => ({
        ...{ action: 'Deny', protocol: 'TCP', destination: { ports: [port] } },
      })),
    },
  };
}

/** A loop that enforces such a policy, and how many maps that takes. */
async function started(): Promise<{ clock: ManualClock; rig: Rig; maps: number }> {
  const clock = createManualClock();
  const rig = createRig(clock);
  rig.put(HEP, denying(9500));
  await rig.loop.start();
  await rig.settled();
  const maps = await mapCount(rig);
  assert.ok(maps > 0);
  return { clock, rig, maps };
}

async function mapCount({ nftables }: Rig): Promise<number> {
  return (await nftables.read())?.maps.length ?? 0;
}

function tableText({ nftables }: Rig): string {
  return [...nftables.contents().chains.values()].map(canonicalChain).sort().join('\n');
}

describe('what a change leaves in the table', () => {
  it('keeps the map and the chain that packets on their way may need for a tenth of a second', async () => {
    const { clock, rig, maps } = await started();
    rig.put(denying(9600));
    await rig.settled();
    assert.equal(await mapCount(rig), maps + 1);
    assert.match(tableText(rig), /dport-6-9500",null,\[\]\]/);
    const turns = rig.turns.length;
    clock.advance(99);
    await rig.settled();
    assert.equal(await mapCount(rig), maps + 1);
    clock.advance(1);
    await rig.settled();
    assert.equal(await mapCount(rig), maps);
    assert.doesNotMatch(tableText(rig), /dport-6-9500"/);
    assert.equal(rig.turns.length, turns);
  });

  it('takes along with a change what the one before has left', async () => {
    const { clock, rig, maps } = await started();
    for (const port of [9600, 9700, 9800]) {
      clock.advance(20);
      rig.put(denying(port));
      await rig.settled();
      assert.equal(await mapCount(rig), maps + 1);
    }
    assert.equal(rig.turns.length, 4);
    assert.doesNotMatch(tableText(rig), /dport-6-9600"/);
    assert.match(tableText(rig), /dport-6-9700",null,\[\]\]/);
  });

  it('keeps nothing for packets on their way once writing has failed twice', async () => {
    const { clock, rig, maps } = await started();
    rig.nftables.failNext(BUSY);
    rig.nftables.failNext(BUSY);
    rig.put(denying(9600));
    await rig.settled();
    clock.advance(20);
    await rig.settled();
    clock.advance(40);
    await rig.settled();
    assert.equal(rig.failures.length, 2);
    assert.equal(await mapCount(rig), maps);
    assert.doesNotMatch(tableText(rig), /dport-6-9500"/);
  });

  it('counts from when a change has landed, however long that takes', async () => {
    const clock = createManualClock();
    const rig = createRig(clock, undefined, {}, (nftables) =>
      nftablesWith(nftables, {
        apply: async (transaction) => {
          const applied = await nftables.apply(transaction);
          clock.advance(50);
          return applied;
        },
      }),
    );
    rig.put(HEP, denying(9500));
    await rig.loop.start();
    await rig.settled();
    const maps = await mapCount(rig);
    rig.put(denying(9600));
    await rig.settled();
    rig.put(denying(9700));
    await rig.settled();
    assert.equal(await mapCount(rig), maps + 2);
  });

  it('is deleted while nothing new may be applied, and does not pile up', async () => {
    const { clock, rig, maps } = await started();
    rig.put(denying(9600));
    await rig.settled();
    rig.setGate(() => ({ isOpen: false, problem: CLOSED }));
    await rig.loop.reconsider();
    clock.advance(100);
    await rig.settled();
    assert.equal(await mapCount(rig), maps);
    const others = { what: 'changed', process: { pid: 7, name: 'other' } };
    for (let i = 0; i < 5; i++) {
      rig.nftables.tamper([{ op: 'add-chain', name: 'theirs', base: null }], others);
      await rig.settled();
      assert.ok((await mapCount(rig)) <= 2 * maps + 1);
      clock.advance(20);
    }
    clock.advance(100);
    await rig.settled();
    assert.equal(await mapCount(rig), maps);
    assert.doesNotMatch(tableText(rig), /theirs/);
  });

  it('does not make a table look right that is not', async () => {
    let isTampered = false;
    const clock = createManualClock();
    const rig = createRig(clock, undefined, {
      foreignChange: () => (isTampered = true),
      turned: () => (isTampered = false),
    });
    rig.put(HEP, denying(9500));
    await rig.loop.start();
    await rig.settled();
    const others = { what: 'changed', process: { pid: 7, name: 'other' } };
    for (let i = 0; i <= 10; i++) {
      rig.nftables.tamper([{ op: 'add-chain', name: 'theirs', base: null }], others);
      await rig.settled();
    }
    clock.advance(99);
    await rig.settled();
    assert.equal(isTampered, true);
    assert.match(tableText(rig), /theirs/);
  });

  it('is deleted when the daemon stops', async () => {
    const { clock, rig, maps } = await started();
    rig.put(denying(9600));
    await rig.settled();
    const closed = rig.loop.close();
    await rig.settled();
    clock.advance(11);
    await closed;
    assert.equal(await mapCount(rig), maps);
  });

  it('does not delay that a chain which was a hook is one again', async () => {
    const { rig } = await started();
    const others = { what: 'changed', process: { pid: 7, name: 'other' } };
    const name = 'filter-input';
    rig.nftables.tamper(
      [
        { op: 'flush-chain', name },
        { op: 'delete-chain', name },
        { op: 'add-chain', name, base: null },
      ],
      others,
    );
    await rig.settled();
    assert.deepEqual(rig.failures, []);
    assert.equal(rig.nftables.contents().chains.get(name)?.base?.hook, 'input');
  });
});
