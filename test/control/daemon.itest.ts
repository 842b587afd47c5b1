import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createControlClient } from '../../src/control/client.ts';
import type { ControlClient } from '../../src/control/client.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import type { Daemon } from '../support/daemon.ts';
import { DaemonHere } from './daemon-here.ts';

const PACKET = {
  iifname: 'lo',
  protocol: 17,
  source: '127.0.0.1',
  sourcePort: 4000,
  destination: '127.0.0.1',
  destinationPort: 9,
};

describeInNamespace('the local API of the real daemon', () => {
  let place: DaemonHere;
  let runDir: string;
  let daemon: Daemon;
  let client: ControlClient;

  before(async function () {
    this.timeout(60_000);
    place = new DaemonHere();
    ({ daemon, runDir } = place);
    await daemon.start();
    client = createControlClient(join(runDir, 'rampartd.sock'));
  });
  after(async () => {
    client.close();
    await place.dispose();
  });

  async function send(packets: number): Promise<void> {
    const socket = createSocket('udp4');
    for (let i = 0; i < packets; i++) {
      await new Promise((resolve) => {
        socket.send('x', 9, '127.0.0.1', resolve);
      });
    }
    socket.close();
  }

  it('tells its state, to root only', async () => {
    const status = await client.status();
    assert.equal(status.inSync, true);
    assert.equal(status.rulesInForce, 'current');
    assert.equal(status.lastApply?.error, null);
    assert.deepEqual(status.endpoints, [{ name: 'edge', interfaces: ['lo'], state: 'up' }]);
    assert.equal(statSync(join(runDir, 'rampartd.sock')).mode & 0o777, 0o600);
  });

  it('shows endpoints and interfaces', async () => {
    const { endpoints, interfaces } = await client.endpoints();
    assert.equal(endpoints[0]?.labels['role'], 'edge');
    assert.equal(interfaces.find(({ name }) => name === 'lo')?.endpoint, 'edge');
  });

  it('counts what a rule decided, and explains a packet as the kernel treats it', async () => {
    const before = await client.explain(PACKET);
    await send(3);
    const after = await client.explain(PACKET);
    assert.equal(after.verdict, 'deny');
    assert.equal(after.rules.length, 1);
    assert.equal(after.rules[0]?.counter, 'ingress/gnp/guard/0');
    const hits = (after.rules[0].hits?.packets ?? 0) - (before.rules[0]?.hits?.packets ?? 0);
    assert.equal(hits, 3);
    const { counters } = await client.counters();
    const counted = counters.find(({ name }) => name === 'ingress/gnp/guard/0');
    assert.deepEqual(counted?.packets, after.rules[0].hits?.packets);
    const policies = await client.policies();
    const normal = policies.endpoints[0]?.stages.find(({ direction }) => direction === 'ingress');
    assert.equal(normal?.tiers[0]?.policies[0]?.name, 'GlobalNetworkPolicy guard');
    assert.deepEqual(normal.tiers[0].policies[0].rules[0], {
      ...{ index: 0, action: 'Deny', text: 'UDP, from net == "corp", to port 9' },
      wouldDeny: null,
      hits: after.rules[0].hits,
    });
    assert.deepEqual(normal.profiles, [{ name: 'profile none (missing: denies)', rules: [] }]);
  });

  it('refuses packets that cannot exist', async () => {
    await assert.rejects(client.explain({ ...PACKET, source: '::1' }), { code: 'bad-packet' });
  });

  it('lists sets with members, by any of their names', async () => {
    const { sets } = await client.sets();
    const [corp] = sets.filter(({ description }) => description.includes('corp'));
    assert.deepEqual(corp?.members, { ipv4: 2, ipv6: 0 });
    const set = await client.set(`${corp.id}-4i`);
    assert.deepEqual([...set.ipv4].sort(), ['10.0.0.1', '127.0.0.0/24']);
    await assert.rejects(client.set('s-none'), { code: 'unknown-set' });
  });

  it('hands out the ruleset that nft takes, and the policy as data', async () => {
    const { ruleset } = await client.desired();
    execFileSync('nft', ['-c', '-f', '-'], { input: ruleset });
    const view = await client.policyView();
    assert.equal(view.endpoints.length, 1);
    assert.equal(view.sets.length, 1);
  });

  it('writes a table anew that somebody else took away', async () => {
    const { position } = daemon;
    execFileSync('nft', ['delete', 'table', 'inet', 'rampart']);
    const { applied } = await client.reapply();
    await daemon.applied(position);
    execFileSync('nft', ['list', 'chain', 'inet', 'rampart', 'filter-input']);
    assert.ok(applied === null || applied.operations > 0);
    const again = await client.reapply();
    assert.ok((again.applied?.operations ?? 0) > 0);
  });

  it('trusts a cluster only where there is one', async () => {
    await assert.rejects(client.trustDatastore(), { code: 'unknown-cluster' });
  });

  it('takes its socket along when it stops, and puts it back', async () => {
    await daemon.terminate();
    await assert.rejects(client.status(), { code: 'daemon-not-running' });
    await daemon.start();
    assert.equal((await client.status()).rulesInForce, 'current');
    await daemon.kill();
    await assert.rejects(client.status(), { code: 'daemon-not-running' });
    await daemon.start();
    assert.equal((await client.status()).rulesInForce, 'current');
  });
});
