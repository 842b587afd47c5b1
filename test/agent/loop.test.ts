import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { InvariantError } from '../../src/base/errors.ts';
import type { Problem } from '../../src/base/problem.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import { canonicalChain } from '../../src/ruleset/canonical.ts';
import { createManualClock } from '../host/manual-clock.ts';
import type { CalicoObject } from '../support/calico.ts';
import { BUSY, createRig } from './rig.ts';
import type { Rig } from './rig.ts';

const HEP: CalicoObject = {
  kind: 'HostEndpoint',
  metadata: { name: 'edge', labels: { role: 'edge' } },
  spec: { node: 'hosta', interfaceName: 'eth0' },
};

function allowing(port: number): CalicoObject {
  return {
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'allow' },
    spec: {
      tier: 'default',
      types: ['Ingress'],
      ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [port] } }],
    },
  };
}

function tableText({ nftables }: Rig): string {
  return [...nftables.contents().chains.values()].map(canonicalChain).sort().join('\n');
}

const CLOSED: Problem = {
  severity: 'error',
  code: 'datastore-not-ready',
  object: 'ClusterInformation default',
  field: 'spec.datastoreReady',
  message: 'The datastore is not ready.',
};

describe('Loop', () => {
  it('promise 2: writes nothing before the view of the datastore is complete', async () => {
    const rig = createRig();
    rig.source.lose(new Error('not yet'));
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    assert.equal(rig.nftables.exists, false);
    rig.source.recover();
    await rig.settled();
    assert.match(tableText(rig), /ingress\/gnp\/allow/);
  });

  it('writes nothing when nothing that matters changed', async () => {
    const rig = createRig();
    rig.put(HEP);
    await rig.loop.start();
    await rig.settled();
    rig.put({ kind: 'Tier', metadata: { name: 'unused' }, spec: { order: 7 } });
    await rig.settled();
    assert.deepEqual(
      rig.turns.map(({ written }) => written !== null),
      [true, false],
    );
  });

  it('promise 5: leaves the rules in force when the datastore is lost, and when it stops', async () => {
    const rig = createRig();
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    const before = tableText(rig);
    rig.source.lose(new Error('gone'));
    await rig.settled();
    assert.equal(tableText(rig), before);
    await rig.loop.close();
    assert.equal(tableText(rig), before);
  });

  it('applies what changed while the datastore was away, deletions included', async () => {
    const rig = createRig();
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    rig.source.lose(new Error('gone'));
    rig.source.delete(`${RESOURCE_PREFIX}globalnetworkpolicies/allow`);
    await rig.settled();
    assert.match(tableText(rig), /ingress\/gnp\/allow/);
    rig.source.recover();
    await rig.settled();
    assert.doesNotMatch(tableText(rig), /ingress\/gnp\/allow/);
  });

  it('tries again after a failure, from what the kernel then holds', async () => {
    const rig = createRig();
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    rig.nftables.failNext(BUSY);
    rig.nftables.failNext(BUSY, 'read');
    rig.put(allowing(81));
    await rig.settled();
    assert.equal(rig.failures.length, 2);
    assert.match(tableText(rig), /"from":81/);
    assert.doesNotMatch(tableText(rig), /"from":80/);
  });

  it('waits longer after each failure, and keeps the rules meanwhile', async () => {
    const clock = createManualClock();
    const rig = createRig(clock);
    rig.put(HEP);
    await rig.loop.start();
    await rig.settled();
    const before = tableText(rig);
    for (let i = 0; i < 3; i++) rig.nftables.failNext(BUSY, i === 0 ? 'apply' : 'read');
    rig.put(allowing(81));
    await rig.settled();
    for (const [waitMs, failures] of [
      [19, 1],
      [1, 2],
      [39, 2],
      [1, 3],
    ] as const) {
      clock.advance(waitMs);
      await rig.settled();
      assert.equal(rig.failures.length, failures);
      assert.equal(tableText(rig), before);
    }
    clock.advance(80);
    await rig.settled();
    assert.match(tableText(rig), /"from":81/);
  });

  it('rebuilds the table in one transaction when writing keeps failing', async () => {
    const rig = createRig();
    rig.put(HEP);
    await rig.loop.start();
    await rig.settled();
    for (let i = 0; i < 4; i++) rig.nftables.failNext(BUSY);
    rig.put(allowing(81));
    await rig.settled();
    assert.equal(rig.failures.length, 4);
    assert.match(tableText(rig), /"from":81/);
  });

  it('promise 4: restores the table when somebody else changes it', async () => {
    const rig = createRig();
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    const before = tableText(rig);
    const change = { what: 'table inet rampart deleted', process: { pid: 1, name: 'nft' } };
    rig.nftables.tamper([{ op: 'delete-table' }], change);
    assert.equal(rig.nftables.exists, false);
    await rig.settled();
    assert.equal(tableText(rig), before);
    rig.nftables.tamper([{ op: 'flush-chain', name: 'filter-input' }], change);
    await rig.settled();
    assert.equal(tableText(rig), before);
  });

  it('promise 4: keeps a tampering in mind that happens while a transaction is in flight', async () => {
    const rig = createRig();
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    rig.put(allowing(81));
    await Promise.resolve();
    rig.nftables.tamper([{ op: 'delete-table' }], { what: 'deleted', process: null });
    await rig.settled();
    assert.match(tableText(rig), /"from":81/);
  });

  it('promise 4: repairs what it could not hear of, once it finds out', async () => {
    for (const [state, dueAfterMs] of [
      ['missed', 15_000],
      ['unwatched', 60_000],
    ] as const) {
      const clock = createManualClock();
      const rig = createRig(clock);
      rig.put(HEP, allowing(80));
      await rig.loop.start();
      await rig.settled();
      const before = tableText(rig);
      rig.nftables.tamperUnheard([{ op: 'delete-table' }], state);
      for (let ms = 0; ms < dueAfterMs - 15_000; ms += 15_000) {
        clock.advance(15_000);
        await rig.settled();
        assert.equal(rig.nftables.exists, false, state);
      }
      clock.advance(15_000);
      await rig.settled();
      assert.equal(tableText(rig), before, state);
      await rig.loop.close();
    }
  });

  it('does not write again and again when nobody touched the table', async () => {
    const clock = createManualClock();
    const rig = createRig(clock);
    rig.put(HEP);
    await rig.loop.start();
    await rig.settled();
    for (let i = 0; i < 10; i++) {
      clock.advance(15_000);
      await rig.settled();
    }
    assert.equal(rig.turns.length, 1);
  });

  it('damps a fight over the table, says who, and wins when the other one stops', async () => {
    const clock = createManualClock();
    const rig = createRig(clock);
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    const before = tableText(rig);
    const change = { what: 'chain flushed', process: { pid: 7, name: 'other' } };
    const fightFor = async (ms: number): Promise<number> => {
      const turns = rig.turns.length;
      for (let i = 0; i < ms; i++) {
        if (tableText(rig) === before)
          rig.nftables.tamper([{ op: 'flush-chain', name: 'filter-input' }], change);
        clock.advance(1);
        await rig.settled();
      }
      return rig.turns.length - turns;
    };
    const first = await fightFor(10_000);
    assert.ok(first >= 10 && first <= 16, String(first));
    assert.deepEqual(rig.loop.view.fight?.programs, ['other']);
    assert.ok((await fightFor(20_000)) <= 5);
    clock.advance(5000);
    await rig.settled();
    assert.equal(tableText(rig), before);
    clock.advance(20_000);
    assert.equal(rig.loop.view.fight, null);
    rig.nftables.tamper([{ op: 'delete-table' }], change);
    await rig.settled();
    assert.equal(tableText(rig), before, 'at once again');
  });

  it('goes on when reporting fails', async () => {
    const fail = (): never => {
      throw new Error('no room for a metric');
    };
    const rig = createRig(undefined, undefined, {
      updated: fail,
      connected: fail,
      turning: fail,
      turned: fail,
      failed: fail,
      foreignChange: fail,
    });
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    rig.nftables.failNext(BUSY);
    rig.put(allowing(81));
    await rig.settled();
    rig.nftables.tamper([{ op: 'delete-table' }], { what: 'deleted', process: null });
    await rig.settled();
    assert.match(tableText(rig), /"from":81/);
  });

  it('freezes while the gate is closed, and applies after a new list when it opens', async () => {
    const rig = createRig();
    const problem = { severity: 'error', code: 'x', object: 'y', field: '', message: 'z' } as const;
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    rig.setGate(() => ({ isOpen: false, problem }));
    rig.put(allowing(81));
    await rig.settled();
    assert.match(tableText(rig), /"from":80/);
    assert.equal(rig.loop.view.isGateOpen, false);
    assert.deepEqual(rig.loop.view.problems, [problem]);
    rig.setGate(() => ({ isOpen: true }));
    rig.put(allowing(82));
    await rig.settled();
    assert.match(tableText(rig), /"from":82/);
    assert.deepEqual(rig.loop.view.problems, []);
  });

  it('undoes what others do to the rules in force while it is frozen, and applies nothing else', async () => {
    const rig = createRig();
    const problem = { severity: 'error', code: 'x', object: 'y', field: '', message: 'z' } as const;
    rig.put(HEP, allowing(80));
    await rig.loop.start();
    await rig.settled();
    const before = tableText(rig);
    rig.setGate(() => ({ isOpen: false, problem }));
    rig.put(allowing(81));
    await rig.settled();
    rig.nftables.failNext(BUSY);
    rig.nftables.tamper([{ op: 'delete-table' }], { what: 'deleted', process: null });
    await rig.settled();
    assert.equal(tableText(rig), before);
    assert.equal(rig.turns.length, 1);
    rig.setGate(() => ({ isOpen: true }));
    rig.put(allowing(82));
    await rig.settled();
    assert.match(tableText(rig), /"from":82/);
  });

  it('promise 8: keeps going on bad input, and names it until it is mended', async () => {
    const rig = createRig();
    rig.put(HEP, allowing(80));
    const key = `${RESOURCE_PREFIX}globalnetworkpolicies/broken`;
    rig.source.put(key, '{"kind":');
    rig.source.put(`${RESOURCE_PREFIX}unknowns/x`, '{}');
    rig.source.put(`${RESOURCE_PREFIX}tiers/t`, new Uint8Array([0xff, 0x00]));
    await rig.loop.start();
    await rig.settled();
    assert.match(tableText(rig), /"from":80/);
    assert.deepEqual(rig.loop.view.problems.map(({ object }) => object).sort(), [
      'GlobalNetworkPolicy broken',
      'Tier t',
    ]);
    rig.source.delete(key);
    await rig.settled();
    assert.deepEqual(
      rig.loop.view.problems.map(({ object }) => object),
      ['Tier t'],
    );
  });

  it('takes the table away when the host is flushed, and brings it back, also while the gate is closed', async () => {
    const rig = createRig();
    await rig.loop.start();
    rig.put(HEP, allowing(80));
    await rig.settled();
    const before = tableText(rig);
    assert.notEqual(before, '');
    await rig.setFlushed(true);
    assert.equal(tableText(rig), '');
    rig.put(allowing(443));
    await rig.settled();
    assert.equal(tableText(rig), '');
    rig.setGate(() => ({ isOpen: false, problem: CLOSED }));
    await rig.setFlushed(false);
    assert.equal(tableText(rig), before);
  });

  it('asks the memory of the sets in the same turn in which it writes them', async () => {
    const rig = createRig();
    const net = (name: string, ...nets: readonly string[]): CalicoObject => ({
      kind: 'GlobalNetworkSet',
      metadata: { name, labels: { a: 'b' } },
      spec: { nets },
    });
    rig.put(HEP, net('n', '10.0.0.1/32'), {
      kind: 'GlobalNetworkPolicy',
      metadata: { name: 'allow' },
      spec: {
        types: ['Ingress'],
        ingress: [{ action: 'Allow', source: { selector: 'a == "b"' } }],
      },
    });
    await rig.loop.start();
    await rig.settled();
    for (let i = 2; i < 40; i++) {
      rig.put(net('n', `10.0.0.${i}/32`));
      await Promise.resolve();
    }
    await rig.settled();
    assert.equal(
      rig.failures.some((error) => error instanceof InvariantError),
      false,
    );
    const set = [...rig.nftables.contents().sets.values()].find(({ family }) => family === 4);
    assert.deepEqual([...(set?.elements ?? [])], ['10.0.0.39']);
  });
});
