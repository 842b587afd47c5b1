import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
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
    assert.equal(rig.turns.length, turns);
    clock.advance(1);
    await rig.settled();
    assert.equal(await mapCount(rig), maps);
    assert.doesNotMatch(tableText(rig), /dport-6-9500"/);
    assert.equal(rig.turns.at(-1)?.written, null);
    clock.advance(1000);
    await rig.settled();
    assert.equal(rig.turns.length, turns + 1);
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

  it('keeps nothing for packets on their way once a write has failed', async () => {
    const { clock, rig, maps } = await started();
    rig.nftables.failNext(BUSY);
    rig.put(denying(9600));
    await rig.settled();
    clock.advance(20);
    await rig.settled();
    assert.equal(await mapCount(rig), maps);
    assert.doesNotMatch(tableText(rig), /dport-6-9500"/);
  });
});
