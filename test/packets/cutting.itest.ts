import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createControlClient } from '../../src/control/client.ts';
import type { ControlClient } from '../../src/control/client.ts';
import { SOCKET_NAME } from '../../src/control/wire.ts';
import type { CutAnswer } from '../../src/control/wire.ts';
import type { CalicoObject } from '../support/calico.ts';
import type { LogLine } from '../support/daemon.ts';
import { SCTP } from '../support/sctp.ts';
import { describeCases } from './cases.ts';
import { pass, ping, sctp } from './check.ts';
import { namesOf, OpenFlows } from './open-flows.ts';
import type { Open } from './open-flows.ts';
import type { RuleSpec } from '../support/calico.ts';
import { ALLOW, ALLOW_PROFILE, DENY, eth0, eth1, fromNets, policy, tcpTo } from './rows/objects.ts';

/** What a new deny refuses, and what lies on the other side of it. */
interface Case {
  readonly title: string;
  readonly before: readonly CalicoObject[];
  readonly deny: CalicoObject;
  readonly kept: readonly Open[];
  readonly cut: readonly Open[];
}

const CLIENT_1 = { 4: '10.0.1.21', 6: 'fd00:1::21' } as const;
const CLIENT_2 = { 4: '10.0.1.22', 6: 'fd00:1::22' } as const;
const forward = { applyOnForward: true } as const;
const open = [eth0(ALLOW_PROFILE), eth1(ALLOW_PROFILE)];
const into8055: Open = { from: 'C', to: 'A', port: 8055 };
const into9000: Open = { from: 'C', to: 'A', port: 9000 };
const ssh: Open = { from: 'C', to: 'A', port: 22 };
const outTo8055: Open = { from: 'A', to: 'C', port: 8055 };
const outTo9000: Open = { from: 'A', to: 'C', port: 9000 };
const through8055: Open = { from: 'C', to: 'S', port: 8055 };
const through9000: Open = { from: 'C', to: 'S', port: 9000 };
// A sends them on to S, ports 8055 and 9000.
const forwarded8055: Open = { from: 'C', to: 'A', port: 32010 };
const forwarded9000: Open = { from: 'C', to: 'A', port: 32011 };
const besides = [outTo8055, ssh, through8055, forwarded8055];

const CASES: readonly Case[] = [
  {
    title: 'a port that may not be reached any more',
    before: open,
    deny: policy('deny', { order: 1, ingress: [tcpTo('Deny', 9000), ALLOW], egress: [ALLOW] }),
    kept: [into8055, outTo9000, through9000, ...besides],
    cut: [into9000],
  },
  {
    title: 'a network that may not come in any more',
    before: open,
    deny: policy('deny', {
      ...{ order: 1, egress: [ALLOW] },
      ingress: [fromNets('Deny', '10.0.1.21/32', 'fd00:1::21/128'), ALLOW],
    }),
    kept: [into8055, { ...into8055, src: CLIENT_2 }, { ...ssh, src: CLIENT_1 }, ...besides],
    cut: [
      { ...into8055, src: CLIENT_1 },
      { ...into9000, src: CLIENT_1 },
    ],
  },
  {
    title: 'a port that this host may not reach any more',
    before: open,
    deny: policy('deny', { order: 1, ingress: [ALLOW], egress: [tcpTo('Deny', 9000), ALLOW] }),
    kept: [into8055, into9000, ...besides],
    cut: [outTo9000],
  },
  {
    title: 'everything but failsafe ports, under quarantine',
    before: open,
    deny: policy('deny', { order: 1, ingress: [DENY], egress: [DENY] }),
    kept: [ssh, through8055, forwarded8055, { from: 'A', to: 'C', port: 2379 }],
    cut: [into8055, into9000, outTo8055, outTo9000],
  },
  {
    title: 'what is routed, where policy says so',
    before: open,
    // Both ways: connection tracking would take up what S sends as a connection that S began.
    deny: policy('deny', {
      ...{ ...forward, order: 1, ingress: [tcpTo('Deny', 9000), ALLOW] },
      egress: [{ action: 'Deny', protocol: 'TCP', source: { ports: [9000] } }, ALLOW],
    }),
    kept: [into8055, outTo9000, ...besides],
    cut: [into9000, through9000, forwarded9000],
  },
  {
    title: 'what is refused before it is translated',
    before: open,
    deny: policy('deny', { order: 1, preDNAT: true, ingress: [tcpTo('Deny', 32_011), ALLOW] }),
    kept: [into8055, into9000, through9000, ...besides],
    cut: [forwarded9000],
  },
];

const ALL = { dryRun: false, nets: [], endpoint: null } as const;

describeCases('cutting what policy refuses', (bench) => {
  let flows: OpenFlows;
  let client: ControlClient;

  before(() => {
    client = createControlClient(join(bench().daemon('A').runDir, SOCKET_NAME));
  });
  beforeEach(() => {
    flows = new OpenFlows(bench());
  });
  afterEach(() => flows.close());
  after(() => {
    client.close();
  });

  // All at once, those to etcd as well: no policy is asked about them here.
  async function forgetAll(): Promise<void> {
    await bench().lab.hosts.A.namespace.run(['conntrack', '-F']);
  }

  async function denied(one: Case): Promise<readonly string[]> {
    await bench().store(one.before);
    await forgetAll();
    for (const flow of [...one.kept, ...one.cut]) await flows.open(flow);
    await bench().store([...one.before, one.deny]);
    return namesOf([...one.kept, ...one.cut]);
  }

  /** TCP sockets of A with this port, in both families. */
  async function sockets(port: number): Promise<string> {
    const { namespace } = bench().lab.hosts.A;
    return await namespace.run(['ss', '-tnH', 'state', 'established', 'sport', '=', `:${port}`]);
  }

  for (const one of CASES)
    it(`cuts ${one.title}, and nothing else`, async function () {
      this.timeout(30_000);
      const all = await denied(one);
      // Nothing is cut until somebody asks.
      const looked = await client.cut({ ...ALL, dryRun: true });
      assert.equal(looked.cut, 0);
      assert.deepEqual(refusedIn(looked), namesOf(one.cut));
      assert.deepEqual(await flows.alive(), all);
      const answer = await client.cut(ALL);
      assert.deepEqual(refusedIn(answer), namesOf(one.cut));
      assert.equal(answer.cut, 2 * one.cut.length);
      for (const { because } of answer.byRule)
        assert.match(because, /^GlobalNetworkPolicy deny (in|e)gress\[0\] Deny$/);
      assert.deepEqual(await flows.alive(), namesOf(one.kept));
      assert.equal((await client.cut(ALL)).refused, 0);
    });

  it('closes the socket of this host, so that its own packets do not begin the flow anew', async () => {
    const [first] = CASES;
    assert.ok(first !== undefined);
    await denied(first);
    assert.match(await sockets(9000), /:9000/);
    const answer = await client.cut(ALL);
    assert.equal(await sockets(9000), '');
    assert.match(await sockets(8055), /:8055/);
    assert.deepEqual(
      answer.flows.filter(({ mayResume }) => mayResume),
      [],
    );
  });

  it('says which routed connections may go on, and why not without tcp_loose', async () => {
    const deny = policy('deny', { ...forward, order: 1, ingress: [tcpTo('Deny', 9000), ALLOW] });
    const { namespace } = bench().lab.hosts.A;
    const one = { title: '', before: open, deny, kept: [], cut: [through9000] };
    await denied(one);
    const { flows: loose } = await client.cut(ALL);
    assert.deepEqual(
      loose.map(({ mayResume }) => mayResume),
      [true, true],
    );
    await flows.close();
    await namespace.run(['sysctl', '-qw', 'net.netfilter.nf_conntrack_tcp_loose=0']);
    try {
      await denied(one);
      const { flows: strict } = await client.cut(ALL);
      assert.deepEqual(
        strict.map(({ mayResume }) => mayResume),
        [false, false],
      );
      assert.deepEqual(await flows.alive(), []);
    } finally {
      await namespace.run(['sysctl', '-qw', 'net.netfilter.nf_conntrack_tcp_loose=1']);
    }
  });

  it('cuts UDP flows as well, in both families', async () => {
    await bench().store(open);
    await forgetAll();
    const { agent } = bench().lab.hosts.C;
    const names = [8055, 9000].flatMap((port) =>
      ['10.0.1.1', 'fd00:1::1'].map((dst) => ({ dst, port })),
    );
    for (const { dst, port } of names) {
      const probe = { kind: 'udp', dst, port } as const;
      await agent.call('stream', { name: `${dst} ${port}`, probe, everyMs: 10 });
    }
    const deny: RuleSpec = { action: 'Deny', protocol: 'UDP', destination: { ports: [9000] } };
    const rules = { order: 1, ingress: [deny, ALLOW], egress: [ALLOW] };
    await bench().store([...open, policy('deny', rules)]);
    assert.equal((await client.cut(ALL)).cut, 2);
    assert.equal((await client.cut(ALL)).refused, 0);
    // Enough packets afterwards to tell a cut stream from one that lost a packet.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const results = names.map(async ({ dst, port }) => {
      const { sent, answered } = await agent.call('endStream', { name: `${dst} ${port}` });
      return [port, sent === answered, sent - answered > 20] as const;
    });
    for (const [port, isWhole, isCut] of await Promise.all(results))
      assert.deepEqual([port, isWhole, isCut], [port, port === 8055, port === 9000]);
  });

  it('cuts ICMP and SCTP flows as well, in both families', async () => {
    const { agent } = bench().lab.hosts.A;
    await agent.call('echoProtocols', { protocols: [SCTP] });
    try {
      await bench().store(open);
      await forgetAll();
      const flows = [ping, sctp(2905), sctp(2906)].map((traffic) => pass('C', 'A', traffic));
      await bench().check(...flows);
      const deny: readonly RuleSpec[] = [
        { action: 'Deny', protocol: 'ICMP' },
        { action: 'Deny', protocol: 'ICMPv6' },
        { action: 'Deny', protocol: 'SCTP', destination: { ports: [2905] } },
      ];
      const rules = { order: 1, ingress: [...deny, ALLOW], egress: [ALLOW] };
      await bench().store([...open, policy('deny', rules)]);
      const { cut, flows: refused } = await client.cut(ALL);
      assert.equal(cut, 4);
      const seen = refused.map(
        ({ packet, mayResume }) =>
          `${String(packet['protocol'])} ${String(packet['destinationPort'])} ${mayResume}`,
      );
      const sctpTwice = [`${SCTP} 2905 false`, `${SCTP} 2905 false`];
      assert.deepEqual(seen.sort(), ['1 null false', ...sctpTwice, '58 null false']);
      assert.equal((await client.cut(ALL)).refused, 0);
    } finally {
      await agent.call('echoProtocols', { protocols: [] });
    }
  });

  it('cuts by itself where connections.cutOnDeny says so', async function () {
    this.timeout(30_000);
    const [first] = CASES;
    assert.ok(first !== undefined);
    const daemon = bench().daemon('A');
    const restart = async (env: Readonly<Record<string, string>>): Promise<void> => {
      await daemon.terminate();
      await daemon.start(env);
    };
    await restart({ RAMPART_CONNECTIONS_CUT_ON_DENY: 'true' });
    try {
      const { position } = daemon;
      await denied(first);
      const isCut = ({ msg }: LogLine): boolean => msg === 'cut what the rules in force refuse';
      await daemon.waitFor('a cut', (lines) => lines.some(isCut), 5000, position);
      assert.deepEqual(await flows.alive(), namesOf(first.kept));
      const [line] = daemon.log.slice(position).filter(isCut);
      assert.equal(line?.['cut'], 2);
      assert.deepEqual(line['rules'], ['GlobalNetworkPolicy deny ingress[0] Deny: 2']);
    } finally {
      await restart({});
    }
  });

  it('tells how many there are in the status', async () => {
    const [first] = CASES;
    assert.ok(first !== undefined);
    await denied(first);
    const { namespace } = bench().lab.hosts.A;
    const { runDir } = bench().daemon('A');
    const command = [process.execPath, '--import', 'tsx', 'daemon/rampartctl.ts', 'status'];
    const run = (...more: readonly string[]): Promise<string> =>
      namespace.run(['env', '-i', `RAMPART_RUN_DIR=${runDir}`, ...command, ...more]);
    const { connections } = JSON.parse(await run('-o', 'json')) as {
      readonly connections: { readonly refused: number; readonly lookedAt: number };
    };
    assert.equal(connections.refused, 2);
    assert.ok(connections.lookedAt >= 2 * (first.kept.length + first.cut.length));
    assert.match(await run(), /live, 2 of which the policy in force would refuse/);
  });

  it('cuts only what it is asked for', async () => {
    const [, second] = CASES;
    assert.ok(second !== undefined);
    await denied(second);
    await assert.rejects(client.cut({ ...ALL, endpoint: 'nobody' }), { code: 'unknown-endpoint' });
    await assert.rejects(client.cut({ ...ALL, nets: ['10.0.1'] }), { code: 'bad-request' });
    assert.equal((await client.cut({ ...ALL, endpoint: 'a-eth1' })).cut, 0);
    assert.equal((await client.cut({ ...ALL, nets: ['10.0.1.22', 'fd00:1::22'] })).cut, 0);
    assert.equal((await client.cut({ ...ALL, nets: ['10.0.1.0/24'] })).cut, 2);
    assert.equal((await client.cut({ ...ALL, endpoint: 'a-eth0' })).cut, 2);
  });
});

/** The refused flows of an answer, as `namesOf` says them. */
function refusedIn({ flows }: CutAnswer): readonly string[] {
  return flows
    .map(({ packet }) => {
      const { source, destination, destinationPort } = packet;
      return `${String(source)} to ${String(destination)} port ${String(destinationPort)}`;
    })
    .sort();
}
