import type { CalicoObject, RuleSpec } from '../../support/calico.ts';
import type { Bench } from '../bench.ts';
import { type Check, drop, type Family, pass, tcp } from '../check.ts';
import { given, row, script, type Row } from '../row.ts';
import {
  ALLOW,
  ALLOW_PROFILE,
  DENY,
  endpointB,
  eth0,
  eth1,
  fromNets,
  fromSelector,
  PASS,
  policy,
  tcpTo,
  toSelector,
} from './objects.ts';

const untracked = { doNotTrack: true } as const;
const peers = { expectedIPs: ['10.0.1.1', 'fd00:1::1'] } as const;
const fromC = [fromNets('Allow', '10.0.1.9/32'), fromNets('Allow', 'fd00:1::9/128')];
const fromS = [fromNets('Allow', '10.0.2.50/32'), fromNets('Allow', 'fd00:2::50/128')];
const answersFrom8055: RuleSpec = {
  action: 'Allow',
  protocol: 'TCP',
  source: { ports: [8055] },
};

/** A and B, untracked towards each other; A's rules as given. */
function twoHosts(rulesOfA: {
  readonly ingress: readonly RuleSpec[];
  readonly egress?: readonly RuleSpec[];
}): readonly CalicoObject[] {
  return [
    eth0(peers),
    endpointB(),
    policy('untracked-a', { ...untracked, types: ['Ingress', 'Egress'], ...rulesOfA }),
    policy('untracked-b', {
      ...untracked,
      selector: "role == 'peer'",
      ingress: [fromSelector('Allow', "role == 'edge'")],
      egress: [toSelector('Allow', "role == 'edge'")],
    }),
  ];
}

const fromPeer = [fromSelector('Allow', "role == 'peer'")];
const toPeer = [toSelector('Allow', "role == 'peer'")];

const brokenOneWay: readonly Check[] = [
  drop('A', 'B', tcp(8055)),
  drop('B', 'A', tcp(8055)),
  pass('A', 'B', tcp(2379)),
  pass('B', 'A', tcp(2379)),
  pass('B', 'A', tcp(22)),
  drop('A', 'B', tcp(22)),
  pass('C', 'A', tcp(22)),
];

interface Way {
  readonly from: 'A' | 'B' | 'C';
  readonly to: 'A' | 'B';
  readonly port: number;
}

/** Connects in both families and looks the connections up in the conntrack tables of these hosts. */
async function expectTracked(
  bench: Bench,
  way: Way,
  expected: { readonly on: readonly ('A' | 'B')[]; readonly tracked: boolean },
): Promise<void> {
  for (const family of [4, 6] as const) {
    const sender = bench.lab.hosts[way.from].agent;
    const name = `tracked ${family}`;
    await bench.open(name, way.from, way.to, { port: way.port, family });
    const localPort = await sender.call('localPort', { name });
    const text = `sport=${localPort} dport=${way.port} `;
    for (const host of expected.on)
      if ((await conntrackTable(bench, host, family)).includes(text) !== expected.tracked)
        throw new Error(`${text}IPv${family} on ${host}: tracked is not ${expected.tracked}`);
    await sender.call('close', { name });
  }
}

function conntrackTable(bench: Bench, host: 'A' | 'B', family: Family): Promise<string> {
  return bench.lab.hosts[host].namespace.run(['conntrack', '-L', '-f', `ipv${family}`]);
}

async function bothDirections(bench: Bench): Promise<void> {
  await bench.store(twoHosts({ ingress: fromPeer, egress: toPeer }));
  await bench.flushConntrack();
  await bench.check(pass('A', 'B', tcp(8055)), pass('B', 'A', tcp(8055)));
  const nowhere = { on: ['A', 'B'], tracked: false } as const;
  await expectTracked(bench, { from: 'A', to: 'B', port: 8055 }, nowhere);
  await expectTracked(bench, { from: 'B', to: 'A', port: 8055 }, nowhere);
}

async function failsafeStaysTracked(bench: Bench): Promise<void> {
  await bench.store([
    eth0(),
    policy('untracked', { ...untracked, ingress: [ALLOW], egress: [ALLOW] }),
  ]);
  await bench.flushConntrack();
  await bench.check(pass('C', 'A', tcp(22)), pass('C', 'A', tcp(8055)));
  await expectTracked(bench, { from: 'C', to: 'A', port: 22 }, { on: ['A'], tracked: true });
  await expectTracked(bench, { from: 'C', to: 'A', port: 8055 }, { on: ['A'], tracked: false });
}

async function passIsTracked(bench: Bench): Promise<void> {
  const allow = policy('normal', { ingress: [tcpTo('Allow', 8055)] });
  for (const rule of [PASS, tcpTo('Allow', 9000)]) {
    await bench.store([eth0(), allow, policy('untracked', { ...untracked, ingress: [rule] })]);
    await bench.flushConntrack();
    await bench.check(pass('C', 'A', tcp(8055)));
    await expectTracked(bench, { from: 'C', to: 'A', port: 8055 }, { on: ['A'], tracked: true });
  }
}

async function statelessUpdate(bench: Bench): Promise<void> {
  const both = { ingress: [tcpTo('Allow', 8055)], egress: [answersFrom8055] };
  await bench.store([eth0(), policy('untracked', { ...untracked, ...both })]);
  await bench.flushConntrack();
  for (const family of [4, 6] as const)
    await bench.open(`running${family}`, 'C', 'A', { port: 8055, family });
  const running = ['running4', 'running6'];
  const before = await Promise.all(running.map((name) => bench.exchange(name, 'C')));
  await bench.store([eth0()]);
  const after = await Promise.all(running.map((name) => bench.exchange(name, 'C')));
  for (const name of running) await bench.lab.hosts.C.agent.call('close', { name });
  if (before.some((one) => one !== 'ok') || after.some((one) => one !== 'timeout'))
    throw new Error(`exchange before: ${before.join()}, after: ${after.join()}`);
}

/** Policies that bypass connection tracking. */
export const UNTRACKED: readonly Row[] = [
  script(96, 'both directions', bothDirections),
  row(97, 'remove egress', given(twoHosts({ ingress: fromPeer }), ...brokenOneWay)),
  row(98, 'ingress Deny', given(twoHosts({ ingress: [DENY], egress: toPeer }), ...brokenOneWay)),
  row(
    99,
    'half-untracked',
    given(
      [
        eth0(),
        policy('untracked', { ...untracked, ingress: [tcpTo('Allow', 8055)] }),
        policy('normal', { egress: [ALLOW] }),
      ],
      drop('C', 'A', tcp(8055)),
      pass('A', 'C', tcp(9000)),
    ),
  ),
  script(100, 'failsafe stays tracked', failsafeStaysTracked),
  script(101, 'Pass / no match', passIsTracked),
  row(
    102,
    'raw deny hits forwarded',
    given(
      [
        eth0(ALLOW_PROFILE),
        policy('untracked', {
          ...untracked,
          ingress: [fromNets('Deny', '10.0.1.9/32'), fromNets('Deny', 'fd00:1::9/128')],
        }),
      ],
      drop('C', 'S', tcp(8055)),
      drop('C', 'A', tcp(8055)),
      pass('B', 'A', tcp(8055)),
    ),
  ),
  row(
    103,
    'raw egress not on forward',
    given(
      [
        eth1(ALLOW_PROFILE),
        policy('untracked', {
          ...untracked,
          egress: [
            { action: 'Deny', destination: { nets: ['10.0.2.50/32'] } },
            { action: 'Deny', destination: { nets: ['fd00:2::50/128'] } },
          ],
        }),
      ],
      drop('A', 'S', tcp(8055)),
      pass('C', 'S', tcp(8055)),
      pass('A', 'S2', tcp(8055)),
    ),
  ),
  script(104, 'stateless updates', statelessUpdate),
  row(
    105,
    'forwarded untracked',
    given(
      [
        eth0(),
        eth1({ labels: { role: 'inner' } }),
        policy('from-c', { ...untracked, ingress: fromC }),
        policy('from-s', { ...untracked, selector: "role == 'inner'", ingress: fromS }),
      ],
      pass('C', 'S', tcp(8055)),
    ),
  ),
  row(
    106,
    'forwarded untracked, half',
    given(
      [
        eth0(),
        eth1({ labels: { role: 'inner' } }),
        policy('from-c', { ...untracked, ingress: fromC }),
      ],
      drop('C', 'S', tcp(8055)),
    ),
  ),
];
