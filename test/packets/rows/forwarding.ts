import { TCP_FLAGS } from '../../support/packet.ts';
import type { Bench } from '../bench.ts';
import { drop, pass, tcp } from '../check.ts';
import { given, row, script, type Row } from '../row.ts';
import { outOfWindowArrives } from '../out-of-window.ts';
import { segmentArrives } from '../stray-segment.ts';
import { ALLOW, ALLOW_PROFILE, DENY, eth0, eth1, PASS, policy, tcpTo } from './objects.ts';

const forward = { applyOnForward: true } as const;
const preDnatDenyAll = policy('deny-before-dnat', { order: 100, preDNAT: true, ingress: [DENY] });
const allow8055 = policy('forward-8055', { ...forward, ingress: [tcpTo('Allow', 8055)] });

function pinhole(port: number): ReturnType<typeof policy> {
  return policy('pinhole', { order: 10, preDNAT: true, ingress: [tcpTo('Allow', port)] });
}

async function invalidForwarded(bench: Bench): Promise<void> {
  for (const family of [4, 6] as const) {
    await bench.store([]);
    const synAck = { from: 'C', to: 'S', family, flags: TCP_FLAGS.SYN | TCP_FLAGS.ACK } as const;
    const free = [
      await segmentArrives(bench, synAck),
      await outOfWindowArrives(bench, { from: 'C', to: 'S', family }),
    ];
    await bench.store([eth0()]);
    const governed = [
      await segmentArrives(bench, synAck),
      await outOfWindowArrives(bench, { from: 'C', to: 'S', family }),
    ];
    const got = `IPv${family}: without a host endpoint ${free.join()}, with one ${governed.join()}`;
    if (free.includes(false) || governed.includes(true)) throw new Error(got);
  }
}

async function establishedBeforePreDnat(bench: Bench): Promise<void> {
  await bench.store([eth0(ALLOW_PROFILE)]);
  for (const family of [4, 6] as const) {
    await bench.open(`local${family}`, 'C', 'A', { port: 8055, family });
    await bench.open(`forwarded${family}`, 'C', 'A', { port: 32010, family });
  }
  await bench.store([eth0(ALLOW_PROFILE), preDnatDenyAll]);
  await bench.check(drop('C', 'A', tcp(8055)), drop('C', 'A', tcp(32010)));
  const names = ['local4', 'local6', 'forwarded4', 'forwarded6'];
  const outcomes = await Promise.all(names.map((name) => bench.exchange(name, 'C')));
  for (const name of names) await bench.lab.hosts.C.agent.call('close', { name });
  if (outcomes.some((one) => one !== 'ok')) throw new Error(`open connections: ${outcomes.join()}`);
}

async function preDnatFailsafe(bench: Bench): Promise<void> {
  const remove = await bench.foreignTable(
    'labssh',
    `chain prerouting {
      type nat hook prerouting priority dstnat;
      iifname "eth0" meta nfproto ipv4 tcp dport 22 dnat ip to 10.0.2.50:22
      iifname "eth0" meta nfproto ipv6 tcp dport 22 dnat ip6 to [fd00:2::50]:22
    }`,
  );
  try {
    await bench.store([eth0(), preDnatDenyAll]);
    await bench.flushConntrack();
    const count = async (): Promise<number> =>
      (await bench.lab.hosts.S.agent.call('accepted', {}))['22'] ?? 0;
    const before = await count();
    await bench.check(pass('C', 'A', tcp(22)), drop('C', 'A', tcp(32010)));
    const reached = (await count()) - before;
    if (reached !== 2) throw new Error(`${reached} connections reached S, not 2`);
  } finally {
    await remove();
  }
}

async function normalAfterDnat(bench: Bench): Promise<void> {
  const remove = await bench.foreignTable(
    'labredirect',
    `chain prerouting {
      type nat hook prerouting priority dstnat;
      iifname "eth0" tcp dport 80 redirect to :8055
    }`,
  );
  try {
    await bench.store([eth0(), policy('http', { ingress: [tcpTo('Allow', 80)] })]);
    await bench.flushConntrack();
    await bench.check(drop('C', 'A', tcp(80)));
    await bench.store([eth0(), policy('http', { ingress: [tcpTo('Allow', 8055)] })]);
    await bench.flushConntrack();
    await bench.check(pass('C', 'A', tcp(80)));
  } finally {
    await remove();
  }
}

/** Policies on forwarded traffic, before and after DNAT. */
export const FORWARDING: readonly Row[] = [
  row(
    79,
    'AoF allow list',
    given(
      [eth0(), allow8055],
      pass('C', 'S', tcp(8055)),
      drop('C', 'S', tcp(9000)),
      pass('C', 'A', tcp(8055)),
      drop('C', 'A', tcp(9000)),
    ),
  ),
  row(
    80,
    'AoF ingress only',
    given([eth0(), allow8055], pass('S', 'C', tcp(8055)), pass('S', 'C', tcp(9000))),
  ),
  row(
    81,
    'normal policy not forwarded',
    given(
      [eth0(), policy('deny', { ingress: [DENY] })],
      pass('C', 'S', tcp(8055)),
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    82,
    'no failsafe in forward',
    given(
      [eth0(), policy('deny', { ...forward, ingress: [DENY] })],
      drop('C', 'S', tcp(22)),
      pass('C', 'A', tcp(22)),
    ),
  ),
  row(
    83,
    'profile irrelevant',
    given(
      [eth0(ALLOW_PROFILE), policy('other', { ...forward, ingress: [tcpTo('Allow', 9000)] })],
      drop('C', 'S', tcp(8055)),
      pass('C', 'S', tcp(9000)),
    ),
  ),
  row(
    84,
    'AoF Pass only',
    given(
      [eth0(), policy('pass', { ...forward, ingress: [PASS] })],
      pass('C', 'S', tcp(8055)),
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    85,
    'egress at output',
    given(
      [eth1(), policy('out', { ...forward, egress: [tcpTo('Deny', 9000), ALLOW] })],
      drop('C', 'S', tcp(9000)),
      pass('C', 'S', tcp(8055)),
      drop('A', 'S', tcp(9000)),
      pass('A', 'S', tcp(8055)),
    ),
  ),
  script(86, 'invalid forwarded', invalidForwarded),
  row(
    87,
    'pre-DNAT deny',
    given([eth0(), preDnatDenyAll], drop('C', 'A', tcp(32010)), pass('S2', 'A', tcp(32010))),
  ),
  row(
    88,
    'pre-DNAT pinhole',
    given(
      [eth0(), preDnatDenyAll, pinhole(32010)],
      pass('C', 'A', tcp(32010)),
      drop('C', 'A', tcp(32011)),
    ),
  ),
  row(
    89,
    'pinhole must name pre-DNAT port',
    given([eth0(), preDnatDenyAll, pinhole(8055)], drop('C', 'A', tcp(32010))),
  ),
  row(90, 'preDNAT allow skips normal', given([eth0(), pinhole(8055)], pass('C', 'A', tcp(8055)))),
  row(
    91,
    'preDNAT other port',
    given([eth0(), pinhole(9000)], drop('C', 'A', tcp(8055)), pass('C', 'A', tcp(9000))),
  ),
  row(
    92,
    'preDNAT allow vs AoF egress',
    given(
      [
        eth0({ labels: { role: 'edge' } }),
        pinhole(32010),
        eth1({ labels: { role: 'inner' } }),
        policy('out', { ...forward, selector: "role == 'inner'", egress: [DENY] }),
      ],
      drop('C', 'A', tcp(32010)),
    ),
  ),
  script(93, 'preDNAT established', establishedBeforePreDnat),
  script(94, 'preDNAT failsafe', preDnatFailsafe),
  script(95, 'normal sees post-DNAT', normalAfterDnat),
];
