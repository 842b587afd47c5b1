import type { CalicoObject, RuleSpec } from '../../support/calico.ts';
import type { Bench } from '../bench.ts';
import { type Check, drop, pass, tcp } from '../check.ts';
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

/** How many conntrack entries of a host mention this TCP port. */
async function entries(bench: Bench, host: 'A' | 'B', port: number): Promise<number> {
  const { namespace } = bench.lab.hosts[host];
  const lists = await Promise.all(
    ['ipv4', 'ipv6'].map((family) => namespace.run(['conntrack', '-L', '-f', family, '-p', 'tcp'])),
  );
  return lists
    .join('')
    .split('\n')
    .filter((line) => line.includes(`dport=${port} `)).length;
}

async function expectEntries(
  bench: Bench,
  host: 'A' | 'B',
  expected: { readonly port: number; readonly tracked: boolean },
): Promise<void> {
  const found = await entries(bench, host, expected.port);
  // One connection in each family.
  if (expected.tracked ? found !== 2 : found !== 0)
    throw new Error(`${found} conntrack entries for port ${expected.port} on ${host}`);
}

async function bothDirections(bench: Bench): Promise<void> {
  await bench.store(twoHosts({ ingress: fromPeer, egress: toPeer }));
  await bench.flushConntrack();
  await bench.check(pass('A', 'B', tcp(8055)), pass('B', 'A', tcp(8055)));
  await expectEntries(bench, 'A', { port: 8055, tracked: false });
  await expectEntries(bench, 'B', { port: 8055, tracked: false });
}

async function failsafeStaysTracked(bench: Bench): Promise<void> {
  await bench.store([
    eth0(),
    policy('untracked', { ...untracked, ingress: [ALLOW], egress: [ALLOW] }),
  ]);
  await bench.flushConntrack();
  await bench.check(pass('C', 'A', tcp(22)), pass('C', 'A', tcp(8055)));
  await expectEntries(bench, 'A', { port: 22, tracked: true });
  await expectEntries(bench, 'A', { port: 8055, tracked: false });
}

async function passIsTracked(bench: Bench): Promise<void> {
  const allow = policy('normal', { ingress: [tcpTo('Allow', 8055)] });
  for (const rule of [PASS, tcpTo('Allow', 9000)]) {
    await bench.store([eth0(), allow, policy('untracked', { ...untracked, ingress: [rule] })]);
    await bench.flushConntrack();
    await bench.check(pass('C', 'A', tcp(8055)));
    await expectEntries(bench, 'A', { port: 8055, tracked: true });
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
