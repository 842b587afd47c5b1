import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, it } from 'mocha';
import { createManualClock } from '../host/manual-clock.ts';
import type { CalicoObject } from '../support/calico.ts';
import { createRig } from './rig.ts';
import type { Rig } from './rig.ts';

const HEP: CalicoObject = {
  kind: 'HostEndpoint',
  metadata: { name: 'edge', labels: { role: 'edge' } },
  spec: { node: 'hosta', interfaceName: 'eth0' },
};

const POLICY: CalicoObject = {
  kind: 'GlobalNetworkPolicy',
  metadata: { name: 'refuse' },
  spec: {
    tier: 'default',
    types: ['Ingress'],
    ingress: [{ action: 'Deny', source: { selector: 'role == "bad"' } }, { action: 'Allow' }],
  },
};

const FIRST = Array.from({ length: 15_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
const SECOND = Array.from({ length: 15_000 }, (_, i) => `172.${i >> 8}.${i & 255}.0/24`);

function bad(nets: readonly string[]): CalicoObject {
  return {
    kind: 'GlobalNetworkSet',
    metadata: { name: 'bad', labels: { role: 'bad' } },
    spec: { nets },
  };
}

describe('the loop, while a large network set is taken in', () => {
  let rig: Rig;
  /** Turns of the event loop that the datastore's last event took. */
  let turnsTaken: number;

  beforeEach(async () => {
    // Whoever asks for the time is told that six milliseconds have passed.
    const clock = createManualClock();
    const slow = {
      ...clock,
      monotonic: () => {
        clock.advance(6);
        return clock.monotonic();
      },
    };
    rig = createRig(slow);
    rig.put(HEP, POLICY, bad(FIRST));
    await rig.loop.start();
    await takenIn();
  });

  async function takenIn(): Promise<void> {
    turnsTaken = 0;
    do {
      await nextTurn();
      turnsTaken++;
    } while (isTakingIn());
    await rig.settled();
  }

  function isTakingIn(): boolean {
    return rig.loop.view.isTakingIn;
  }

  function members(): readonly string[] {
    const sets = [...rig.nftables.contents().sets.values()];
    return sets.flatMap(({ elements }) => [...elements]).sort();
  }

  it('gives way in between, and writes nothing before it is whole', async () => {
    assert.deepEqual(members(), [...FIRST].sort());
    rig.put(bad(SECOND));
    await Promise.resolve();
    assert.equal(isTakingIn(), true);
    do {
      assert.deepEqual(members(), [...FIRST].sort());
      await nextTurn();
    } while (isTakingIn());
    await rig.settled();
    assert.deepEqual(members(), [...SECOND].sort());
    assert.equal(rig.turns.length, 2);
  });

  it('keeps the order of what arrives meanwhile', async () => {
    rig.put(bad(SECOND));
    rig.put(bad([]));
    rig.put(bad(FIRST.slice(0, 2)));
    rig.source.lose(new Error('gone'));
    await takenIn();
    assert.ok(turnsTaken > 1, `${turnsTaken}`);
    assert.deepEqual(members(), FIRST.slice(0, 2));
    assert.deepEqual(rig.loop.view.problems, []);
  });

  it('is whole for whoever cannot wait', async () => {
    rig.put(bad(SECOND));
    await Promise.resolve();
    assert.equal(isTakingIn(), true);
    await rig.loop.reconsider();
    assert.equal(isTakingIn(), false);
    assert.deepEqual(members(), [...SECOND].sort());
  });

  it('takes it away in the same way', async () => {
    rig.source.delete('/calico/resources/v3/projectcalico.org/globalnetworksets/bad');
    await takenIn();
    assert.ok(turnsTaken > 1, `${turnsTaken}`);
    assert.deepEqual(members(), []);
    assert.equal(rig.loop.view.counts.get('GlobalNetworkSet') ?? 0, 0);
  });
});
