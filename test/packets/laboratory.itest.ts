import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { namespaceNames } from '../support/netns.ts';
import { TCP_FLAGS } from '../support/packet.ts';
import { ALL_ROWS } from './all-rows.ts';
import { Bench } from './bench.ts';
import { type Check, drop, pass, ping, tcp, udp, v4 } from './check.ts';
import { outOfWindowArrives } from './out-of-window.ts';
import { segmentArrives } from './stray-segment.ts';

const checksOfAllRows = ALL_ROWS.flatMap((row) =>
  row.kind === 'phases' ? row.phases : [],
).flatMap((phase) => phase.checks);

/** A check as it must come out where nothing is filtered. */
function unfiltered(check: Check): Check {
  return { ...check, expect: 'pass' };
}

function distinct(checks: readonly Check[]): readonly Check[] {
  const byText = new Map(
    checks.map((check) => [
      JSON.stringify([check.from, check.to, check.traffic.text, check.families, check.src]),
      check,
    ]),
  );
  return [...byText.values()];
}

/** Ids of the processes that this one has started and that still run. */
function children(): readonly string[] {
  return readdirSync('/proc').filter(
    (pid) => /^[0-9]+$/.test(pid) && parentOf(pid) === process.pid,
  );
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    // It ended while we looked.
    return 0;
  }
}

function ownNamespaces(): readonly string[] {
  const own = `rampart-${process.pid.toString(16)}z`;
  return namespaceNames().filter((name) => name.startsWith(own));
}

describe('the packet laboratory', () => {
  let bench: Bench;

  before(async function () {
    this.timeout(60_000);
    bench = await Bench.start({ daemons: false });
  });

  after(async () => {
    await bench.dispose();
  });

  it('has every row from 1 to 137 and row 142', () => {
    const numbers = ALL_ROWS.map((row) => row.number).sort((a, b) => a - b);
    const wanted = [...Array.from({ length: 137 }, (_, i) => i + 1), 142];
    assert.deepEqual(numbers, wanted);
  });

  it('connects everything that a row probes, as long as nothing filters', async function () {
    this.timeout(30_000);
    const checks = distinct(checksOfAllRows.map(unfiltered));
    assert.ok(checks.length > 50);
    assert.deepEqual(await bench.complaints(checks), []);
  });

  it('sees drops, refusals and a local firewall for what they are', async () => {
    const remove = await bench.foreignTable(
      'labself',
      `chain input { type filter hook input priority 0; tcp dport 8055 drop; tcp dport 9000 reject; }
       chain output { type filter hook output priority 0; udp dport 9000 drop; }
       chain forward { type filter hook forward priority 0; policy drop; }`,
    );
    try {
      const outcomes = await bench.lab.hosts.A.agent.call('probe', {
        probes: [
          { kind: 'udp', dst: '10.0.1.9', port: 9000 },
          { kind: 'udp', dst: '10.0.1.9', port: 8055 },
          { kind: 'udp', dst: '10.0.1.9', port: 9999 },
        ],
        timeoutMs: 300,
      });
      assert.deepEqual(outcomes, ['eperm', 'ok', 'refused']);
      const complaints = await bench.complaints([
        drop('C', 'A', tcp(8055)),
        { ...pass('C', 'A', tcp(9000)), expect: 'reject' },
        drop('C', 'S', tcp(8055)),
        drop('C', 'S', ping),
        drop('C', 'S', udp(8055)),
        pass('C', 'A', udp(8055)),
      ]);
      assert.deepEqual(complaints, []);
    } finally {
      await remove();
    }
  });

  it('complains about a wrong verdict in either direction', async () => {
    assert.deepEqual(await bench.complaints([v4(drop('C', 'A', tcp(8055)))]), [
      'C → A tcp/8055 (IPv4): expected drop, got ok',
    ]);
    assert.deepEqual(await bench.complaints([v4(pass('C', 'A', tcp(7)))]), [
      'C → A tcp/7 (IPv4): expected pass, got refused',
    ]);
  });

  it('delivers stray segments, unless conntrack calls them invalid', async () => {
    const stray = { from: 'C', to: 'A', flags: TCP_FLAGS.SYN | TCP_FLAGS.ACK } as const;
    assert.equal(await segmentArrives(bench, { ...stray, family: 4 }), true);
    assert.equal(await segmentArrives(bench, { ...stray, family: 6 }), true);
    assert.equal(await outOfWindowArrives(bench, { from: 'C', to: 'S', family: 4 }), true);
    const remove = await bench.foreignTable(
      'labinvalid',
      `chain input { type filter hook input priority 0; ct state invalid drop; }
       chain forward { type filter hook forward priority 0; ct state invalid drop; }`,
    );
    try {
      assert.equal(await segmentArrives(bench, { ...stray, family: 4 }), false);
      assert.equal(await segmentArrives(bench, { ...stray, family: 6 }), false);
      for (const family of [4, 6] as const)
        assert.equal(await outOfWindowArrives(bench, { from: 'C', to: 'S', family }), false);
    } finally {
      await remove();
    }
  });

  it('keeps connections open and counts the answers of a stream', async () => {
    await bench.open('kept', 'C', 'S', { port: 8055 });
    assert.equal(await bench.exchange('kept', 'C'), 'ok');
    await bench.lab.hosts.C.agent.call('close', { name: 'kept' });
    const probe = { kind: 'udp', dst: '10.0.2.50', port: 8055 } as const;
    await bench.lab.hosts.C.agent.call('stream', { name: 's', probe, everyMs: 5 });
    await delay(100);
    const { sent, answered } = await bench.lab.hosts.C.agent.call('endStream', { name: 's' });
    assert.ok(sent > 0);
    assert.equal(answered, sent);
  });

  it('unplugs and plugs in an interface', async () => {
    await bench.lab.hosts.A.namespace.run(['ip', 'link', 'del', 'eth1']);
    await bench.check(v4(pass('C', 'A', tcp(8055))));
    await bench.lab.plug('A', 'eth1');
    await bench.check(pass('C', 'S', tcp(8055)));
  });

  it('stores what is asked for and nothing else', async () => {
    const key = '/calico/resources/v3/projectcalico.org/tiers/extra';
    await bench.store([{ kind: 'Tier', metadata: { name: 'extra' }, spec: { order: 1 } }]);
    assert.match((await bench.datastore.get(key)) ?? '', /"spec":\{"order":1\}/);
    await bench.store([]);
    assert.equal(await bench.datastore.get(key), null);
  });

  it('leaves neither namespaces nor processes behind', async function () {
    this.timeout(30_000);
    const namespaces = ownNamespaces();
    const processes = children();
    const another = await Bench.start({ daemons: false });
    assert.ok(ownNamespaces().length > namespaces.length);
    assert.ok(children().length > processes.length);
    await another.dispose();
    assert.deepEqual(ownNamespaces(), namespaces);
    assert.deepEqual(children(), processes);
  });
});
