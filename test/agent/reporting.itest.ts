import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { after, before } from 'mocha';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import {
  felixConfiguration,
  globalNetworkPolicy,
  hostEndpoint,
  initialObjects,
  stored,
} from '../support/calico.ts';
import type { CalicoObject } from '../support/calico.ts';
import { Daemon } from '../support/daemon.ts';
import { Datastore } from '../support/datastore.ts';
import { startEtcd } from '../support/etcd.ts';
import type { Etcd } from '../support/etcd.ts';
import { here } from '../support/here.ts';

const METRICS_PORT = 19_091;
const LONGEST_MS = 20_000;

const OBJECTS: readonly CalicoObject[] = [
  ...initialObjects('cluster-a'),
  felixConfiguration({ endpointReportingEnabled: true, endpointReportingDelay: '200ms' }),
  hostEndpoint('edge', { node: 'hosta', interfaceName: 'eth7' }),
  hostEndpoint('lost', { node: 'hosta', interfaceName: 'eth9' }),
  globalNetworkPolicy('nobody', { selector: "role == 'gone'" }),
];
const POLICY = globalNetworkPolicy('guard', {
  egress: [{ action: 'Deny', protocol: 'UDP', destination: { ports: [9] } }, { action: 'Allow' }],
});
const RULE =
  'rampart_rule_packets_total{policy="guard",kind="GlobalNetworkPolicy",namespace="",tier="default",direction="egress",rule="0",action="Deny"}';

describeInNamespace('reporting of the real daemon on real etcd', () => {
  let etcd: Etcd;
  let datastore: Datastore;
  let daemon: Daemon;
  const ends: (() => unknown)[] = [];

  before(async function () {
    this.timeout(60_000);
    execFileSync('ip', ['link', 'add', 'eth7', 'type', 'veth', 'peer', 'name', 'far7']);
    ends.push(() => execFileSync('ip', ['link', 'delete', 'eth7']));
    execFileSync('ip', ['link', 'set', 'far7', 'up']);
    execFileSync('ip', ['address', 'add', '192.0.2.1/24', 'dev', 'eth7']);
    execFileSync('ip', ['link', 'set', 'eth7', 'up']);
    etcd = await startEtcd();
    ends.push(() => etcd.stop());
    datastore = new Datastore(etcd);
    await store(...OBJECTS, POLICY);
    daemon = new Daemon({
      netns: here,
      nodeName: 'hosta',
      etcdEndpoint: etcd.endpoint,
      env: {
        RAMPART_METRICS_ENABLED: 'true',
        RAMPART_METRICS_PORT: String(METRICS_PORT),
        RAMPART_HEALTH_PORT: '19099',
        RAMPART_LOG_FORMAT: 'json',
      },
    });
    ends.push(() => spawnSync('nft', ['delete', 'table', 'inet', 'rampart']));
    ends.push(() => daemon.stop());
    await daemon.start();
  });

  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  async function store(...objects: readonly CalicoObject[]): Promise<number> {
    return datastore.replace(objects.map(stored));
  }

  async function scrape(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
    const lines = text.split('\n').filter((line) => /^[a-z]/.test(line));
    return new Map(
      lines.map((line) => {
        const cut = line.lastIndexOf(' ');
        return [line.slice(0, cut), Number(line.slice(cut + 1))];
      }),
    );
  }

  /** Asks again and again, because nothing outside the daemon says when it is so far. */
  async function eventually<T>(
    what: string,
    ask: () => Promise<T>,
    isIt: (answer: T) => boolean,
  ): Promise<T> {
    const deadline = performance.now() + LONGEST_MS;
    for (;;) {
      const answer = await ask();
      if (isIt(answer)) return answer;
      assert.ok(performance.now() < deadline, `${what}: ${String(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  function endpointStatus(endpoint: string): Promise<string | null> {
    return datastore.get(`/calico/felix/v1/host/hosta/endpoint/${endpoint}`);
  }

  async function counted(atLeast: number): Promise<number> {
    const ask = async (): Promise<number> => (await scrape()).get(RULE) ?? -1;
    return eventually('packets counted', ask, (packets) => packets >= atLeast);
  }

  /** Packets that the policy refuses, one call a packet. */
  async function send(packets: number): Promise<void> {
    const socket = createSocket('udp4');
    for (let i = 0; i < packets; i++) {
      await new Promise<void>((resolve, reject) => {
        socket.send('x', 9, '192.0.2.9', (error) => {
          if (error === null) reject(new Error('a packet left that should be denied'));
          else resolve();
        });
      });
    }
    socket.close();
  }

  it('writes the states of endpoints to etcd, follows changes, and deletes what is gone', async () => {
    const is = (state: string) => (value: string | null) => value === `{"status":"${state}"}`;
    await eventually('state of edge', () => endpointStatus('edge'), is('up'));
    await eventually('state of lost', () => endpointStatus('lost'), is('error'));
    execFileSync('ip', ['link', 'set', 'eth7', 'down']);
    await eventually('state of edge', () => endpointStatus('edge'), is('down'));
    execFileSync('ip', ['link', 'set', 'eth7', 'up']);
    await eventually('state of edge', () => endpointStatus('edge'), is('up'));
    await store(...OBJECTS.filter(({ metadata }) => metadata.name !== 'lost'), POLICY);
    await eventually(
      'state of lost',
      () => endpointStatus('lost'),
      (value) => value === null,
    );
    await daemon.settled(await store(...OBJECTS, POLICY));
  });

  it('says that the process is alive, in a key that expires', async () => {
    const key = '/calico/felix/v2/no-region/host/hosta/status';
    const value = await eventually(
      'process status',
      () => datastore.get(key),
      (one) => one !== null,
    );
    const { first_update, uptime } = JSON.parse(value ?? '') as Record<string, unknown>;
    assert.equal(first_update, true);
    assert.ok(Number(uptime) >= 9);
    const { kvs } = (await etcd.call('kv/range', { key: Buffer.from(key).toString('base64') })) as {
      readonly kvs: readonly { readonly lease?: string }[];
    };
    assert.ok(Number(kvs[0]?.lease) > 0);
  });

  it('raises alarms in metrics and log', async () => {
    const alarm = 'rampart_alarm{code="policy-selects-nothing"}';
    const all = await eventually('alarms', scrape, (series) => series.get(alarm) === 1);
    assert.equal(all.get('rampart_alarm{code="endpoint-without-interface"}'), 1);
    assert.equal(all.get('rampart_alarm{code="nothing-protects-this-host"}'), 0);
    assert.equal(all.get('rampart_alarm{code="failsafe-datastore"}'), 0);
    const lines = daemon.log.filter((line) => line['alarm'] === 'policy-selects-nothing');
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg.includes('GlobalNetworkPolicy nobody')]),
      [['warn', true]],
    );
  });

  it('counts packets by rule, and never backwards over a policy that goes and comes back', async () => {
    await send(5);
    const first = await counted(5);
    await daemon.settled(await store(...OBJECTS));
    assert.equal((await scrape()).has(RULE), false);
    await daemon.settled(await store(...OBJECTS, POLICY));
    assert.equal((await scrape()).get(RULE), first);
    await send(2);
    assert.equal(await counted(first + 1), first + 2);
  });

  it('counts what the table is read back, and the calls that Felix’s dashboards ask for', async () => {
    const all = await scrape();
    assert.ok((all.get('felix_nft_list_calls') ?? 0) >= 1);
    assert.ok((all.get('felix_calc_graph_update_time_seconds_count') ?? 0) >= 1);
    assert.equal(all.get('rampart_endpoint_state{endpoint="lost",state="error"}'), 1);
  });

  it('names in the log what an apply took in', async () => {
    const { position } = daemon;
    const other = globalNetworkPolicy('other', { egress: [{ action: 'Deny', protocol: 'SCTP' }] });
    await daemon.settled(await store(...OBJECTS, POLICY, other));
    const line = daemon.log.slice(position).find(({ msg }) => msg === 'applied');
    assert.deepEqual(line?.['changed'], ['GlobalNetworkPolicy other']);
    assert.ok(Number(line['operations']) > 0);
    assert.ok(Number(line['durationMs']) > 0);
  });
});
