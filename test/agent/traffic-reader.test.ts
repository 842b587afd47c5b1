import assert from 'node:assert/strict';
import type { CalicoObject } from '../support/calico.ts';
import {
  TRAFFIC_CACHE_MS,
  TRAFFIC_WAIT_MS,
  TrafficReader,
} from '../../src/agent/traffic-reader.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { Traffic } from '../../src/status/traffic-metrics.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { BUSY, createRig } from './rig.ts';
import type { Rig } from './rig.ts';

const HEP: CalicoObject = {
  kind: 'HostEndpoint',
  metadata: { name: 'edge' },
  spec: { node: 'hosta', interfaceName: 'eth0' },
};
const POLICY: CalicoObject = {
  kind: 'GlobalNetworkPolicy',
  metadata: { name: 'p' },
  spec: {
    tier: 'default',
    types: ['Ingress'],
    ingress: [{ action: 'Deny', protocol: 'UDP' }, { action: 'Allow' }],
  },
};

function packetsOf({ rules }: Traffic, rule: string): number | undefined {
  return rules.find(({ labels }) => labels.rule === rule)?.packets;
}

describe('TrafficReader', () => {
  const clock = createManualClock();

  async function start(): Promise<{ readonly rig: Rig; readonly reader: TrafficReader }> {
    const rig = createRig();
    const reader = new TrafficReader({ nftables: rig.nftables, clock, logger: silentLogger });
    rig.put(HEP, POLICY);
    await rig.loop.start();
    await settle(rig, reader);
    return { rig, reader };
  }

  async function settle(rig: Rig, reader: TrafficReader): Promise<void> {
    await rig.settled();
    const report = rig.turns.at(-1);
    if (report !== undefined) reader.use(report);
  }

  async function later(reader: TrafficReader): Promise<Traffic> {
    clock.advance(TRAFFIC_CACHE_MS);
    return reader.read();
  }

  it('tells what each rule counted, by policy, tier, direction, position and action', async () => {
    const { rig, reader } = await start();
    rig.nftables.count('ingress/gnp/p/0', 3, 300);
    const { rules } = await later(reader);
    const common = {
      policy: 'p',
      kind: 'GlobalNetworkPolicy',
      namespace: '',
      tier: 'default',
      direction: 'ingress',
    };
    assert.deepEqual(rules, [
      { labels: { ...common, rule: '0', action: 'Deny' }, packets: 3, bytes: 300 },
      { labels: { ...common, rule: '1', action: 'Allow' }, packets: 0, bytes: 0 },
    ]);
  });

  it('says what a rule does now, when its counter has stayed', async () => {
    const { rig, reader } = await start();
    await later(reader);
    const ingress = [{ action: 'Deny', protocol: 'UDP' }, { action: 'Deny' }];
    rig.put({ ...POLICY, spec: { ...POLICY.spec, ingress } });
    await settle(rig, reader);
    const { rules } = await later(reader);
    assert.deepEqual(
      rules.map(({ labels }) => labels.action),
      ['Deny', 'Deny'],
    );
  });

  it('tells what the end of a tier and of an endpoint denied', async () => {
    const { rig, reader } = await start();
    rig.nftables.count('ingress/tier/default/edge', 5, 500);
    rig.nftables.count('egress/hep/edge/deny', 7, 700);
    const { denials } = await later(reader);
    const counted = denials.filter(({ packets }) => packets > 0).map(({ labels }) => labels);
    assert.deepEqual(counted, [
      { reason: 'tier', endpoint: 'edge', tier: 'default', direction: 'ingress' },
      { reason: 'endpoint', endpoint: 'edge', tier: '', direction: 'egress' },
    ]);
  });

  it('knows every counter of the ruleset by somebody', async () => {
    const { rig, reader } = await start();
    const { rules, denials } = await later(reader);
    assert.equal(rules.length + denials.length, rig.turns.at(-1)?.ruleset.counters.size);
  });

  it('never goes backwards when a policy goes and comes back', async () => {
    const { rig, reader } = await start();
    rig.nftables.count('ingress/gnp/p/0', 10, 1000);
    assert.equal(packetsOf(await later(reader), '0'), 10);
    rig.source.delete(`${RESOURCE_PREFIX}globalnetworkpolicies/p`);
    await settle(rig, reader);
    assert.deepEqual((await later(reader)).rules, []);
    rig.put(POLICY);
    await settle(rig, reader);
    assert.equal(packetsOf(await later(reader), '0'), 10);
    rig.nftables.count('ingress/gnp/p/0', 15, 1500);
    assert.equal(packetsOf(await later(reader), '0'), 25);
  });

  it('never goes backwards when somebody deletes the table', async () => {
    const { rig, reader } = await start();
    rig.nftables.count('ingress/gnp/p/0', 10, 1000);
    await later(reader);
    rig.nftables.tamper([{ op: 'delete-table' }], { what: 'deleted', process: null });
    await settle(rig, reader);
    rig.nftables.count('ingress/gnp/p/0', 1, 100);
    assert.equal(packetsOf(await later(reader), '0'), 11);
  });

  it('asks the kernel once a second at most', async () => {
    const { rig, reader } = await start();
    await later(reader);
    rig.nftables.count('ingress/gnp/p/0', 1, 100);
    clock.advance(TRAFFIC_CACHE_MS - 1);
    assert.equal(packetsOf(await reader.read(), '0'), 0);
    clock.advance(1);
    const [a, b] = await Promise.all([reader.read(), reader.read()]);
    assert.deepEqual([packetsOf(a, '0'), packetsOf(b, '0')], [1, 1]);
  });

  it('tells what it knew when the kernel refuses', async () => {
    const { rig, reader } = await start();
    rig.nftables.count('ingress/gnp/p/0', 4, 400);
    await later(reader);
    rig.nftables.failNext(BUSY, 'counters');
    assert.equal(packetsOf(await later(reader), '0'), 4);
  });

  it('does not wait for a kernel that does not answer', async () => {
    const { rig } = await start();
    const nftables = { counters: () => new Promise<never>(() => undefined) };
    const reader = new TrafficReader({ nftables, clock, logger: silentLogger });
    await settle(rig, reader);
    const reading = reader.read();
    clock.advance(TRAFFIC_WAIT_MS);
    assert.equal(packetsOf(await reading, '0'), 0);
  });
});
