import assert from 'node:assert/strict';
import { type CalicoObject, felixConfiguration } from '../support/calico.ts';
import { describeCases } from './cases.ts';
import type { Bench } from './bench.ts';
import { type Check, drop, pass, reject, tcp, udp, v4 } from './check.ts';
import { DENY, eth0, policy, tcpTo } from './rows/objects.ts';
import { NODE_NAMES } from './topology.ts';

const allowUdp = {
  action: 'Allow',
  protocol: 'UDP',
  destination: { ports: [9000] },
} as const;
const base = [
  eth0(),
  policy('web', { ingress: [allowUdp, tcpTo('Allow', 8055), DENY], egress: [DENY] }),
];

function ofNode(node: string, spec: Readonly<Record<string, unknown>>): CalicoObject {
  return { kind: 'FelixConfiguration', metadata: { name: `node.${node}` }, spec };
}

const noFailsafes = { failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] };

/** What one state of the configuration does, asked while the stream goes on. */
const STATES: readonly {
  readonly title: string;
  readonly objects: readonly CalicoObject[];
  readonly checks: readonly Check[];
}[] = [
  { title: 'none at all', objects: [], checks: [pass('C', 'A', tcp(22))] },
  {
    title: 'default closes the failsafe ports',
    objects: [felixConfiguration(noFailsafes)],
    checks: [drop('C', 'A', tcp(22)), drop('A', 'C', udp(53)), pass('C', 'A', tcp(8055))],
  },
  {
    title: 'that of this node opens one again',
    objects: [
      felixConfiguration(noFailsafes),
      ofNode(NODE_NAMES.A, { failsafeInboundHostPorts: [{ protocol: 'TCP', port: 9300 }] }),
    ],
    checks: [pass('C', 'A', tcp(9300)), drop('C', 'A', tcp(22)), drop('A', 'C', udp(53))],
  },
  {
    title: 'that of another node has no say',
    objects: [ofNode(NODE_NAMES.B, noFailsafes)],
    checks: [pass('C', 'A', tcp(22)), drop('C', 'A', tcp(9300))],
  },
  {
    title: 'Deny becomes a refusal',
    objects: [felixConfiguration({ nftablesFilterDenyAction: 'Reject' })],
    checks: [v4(reject('C', 'A', tcp(9001))), pass('C', 'A', tcp(22))],
  },
  {
    title: 'its removal undoes it',
    objects: [],
    checks: [drop('C', 'A', tcp(9001)), pass('C', 'A', tcp(22))],
  },
];

async function startStream(bench: Bench, family: 4 | 6): Promise<void> {
  const dst = family === 4 ? '10.0.1.1' : 'fd00:1::1';
  const probe = { kind: 'udp', dst, port: 9000 } as const;
  await bench.lab.hosts.C.agent.call('stream', { name: `stream${family}`, probe, everyMs: 5 });
}

describeCases('FelixConfiguration, while packets flow', (bench) => {
  it('acts at once, by node before default, and no packet is lost', async () => {
    await bench().store(base);
    for (const family of [4, 6] as const) await startStream(bench(), family);
    for (const { title, objects, checks } of STATES) {
      await bench().store([...base, ...objects]);
      assert.deepEqual(await bench().complaints(checks), [], title);
    }
    for (const family of [4, 6]) {
      const name = `stream${family}`;
      const { sent, answered } = await bench().lab.hosts.C.agent.call('endStream', { name });
      assert.ok(sent > 100, `${sent} packets are too few to tell`);
      assert.equal(answered, sent, `IPv${family}`);
    }
  });
});
