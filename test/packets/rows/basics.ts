import { felixConfiguration } from '../../support/calico.ts';
import { TCP_FLAGS } from '../../support/packet.ts';
import type { Bench } from '../bench.ts';
import { besides, drop, ipProtocol, pass, ping, tcp, udp, v4, v6 } from '../check.ts';
import { given, row, script, type Row } from '../row.ts';
import { segmentArrives } from '../stray-segment.ts';
import { ALLOW, ALLOW_PROFILE, DENY, endpointB, eth0, eth1, policy } from './objects.ts';

async function withProtocolEchoes(bench: Bench, run: () => Promise<void>): Promise<void> {
  const agents = [bench.lab.hosts.A.agent, bench.lab.hosts.B.agent];
  const echo = (protocols: readonly number[]): Promise<unknown> =>
    Promise.all(agents.map((agent) => agent.call('echoProtocols', { protocols })));
  await echo([253, 254]);
  try {
    await run();
  } finally {
    await echo([]);
  }
}

async function portlessBlocked(bench: Bench): Promise<void> {
  await withProtocolEchoes(bench, async () => {
    await bench.store([]);
    await bench.check(pass('A', 'B', ipProtocol(253)), pass('A', 'B', ipProtocol(254)));
    await bench.store([eth0(), endpointB()]);
    await bench.flushConntrack();
    await bench.check(drop('A', 'B', ipProtocol(253)), drop('A', 'B', ipProtocol(254)));
  });
}

async function portlessConntrack(bench: Bench): Promise<void> {
  await withProtocolEchoes(bench, async () => {
    await bench.store([
      eth0(),
      endpointB(),
      policy('out-253', { egress: [{ action: 'Allow', protocol: 253 }] }),
      policy('in-253', {
        selector: "role == 'peer'",
        ingress: [{ action: 'Allow', protocol: 253 }],
      }),
    ]);
    await bench.flushConntrack();
    await bench.check(drop('B', 'A', ipProtocol(253)));
    await bench.check(pass('A', 'B', ipProtocol(253)), drop('A', 'B', ipProtocol(254)));
    await bench.check(
      besides('the connection is known', pass('B', 'A', ipProtocol(253))),
      drop('B', 'A', ipProtocol(254)),
    );
  });
}

async function invalidState(bench: Bench): Promise<void> {
  const allowAll = policy('allow-all', { ingress: [ALLOW], egress: [ALLOW] });
  const unchecked = felixConfiguration({ disableConntrackInvalidCheck: true });
  const synAck = TCP_FLAGS.SYN | TCP_FLAGS.ACK;
  const expectations = [
    { objects: [], flags: synAck, arrives: true },
    { objects: [eth0()], flags: synAck, arrives: false },
    { objects: [eth0(), allowAll], flags: synAck, arrives: false },
    { objects: [eth0(), allowAll], flags: TCP_FLAGS.RST, arrives: false },
    { objects: [eth0(), allowAll], flags: TCP_FLAGS.ACK, arrives: true },
    { objects: [eth0(), allowAll, unchecked], flags: synAck, arrives: true },
    { objects: [eth0(), allowAll, unchecked], flags: TCP_FLAGS.RST, arrives: true },
  ];
  for (const { objects, flags, arrives } of expectations) {
    await bench.store(objects);
    for (const family of [4, 6] as const) {
      await bench.flushConntrack();
      const arrived = await segmentArrives(bench, { from: 'C', to: 'A', family, flags });
      if (arrived !== arrives)
        throw new Error(
          `flags ${flags} IPv${family} with ${objects.map((o) => o.metadata.name).join()}: ` +
            `expected ${arrives ? 'delivery' : 'a drop'}`,
        );
    }
  }
}

async function neighbourDiscovery(bench: Bench): Promise<void> {
  const daemon = bench.daemon('A');
  const forgetNeighbours = async (): Promise<void> => {
    for (const host of [bench.lab.hosts.A, bench.lab.hosts.C])
      await host.namespace.run(['ip', '-6', 'neigh', 'flush', 'dev', 'eth0']);
  };
  await bench.store([eth0()]);
  await forgetNeighbours();
  await bench.check(v6(pass('C', 'A', tcp(22))));
  try {
    await daemon.terminate();
    await daemon.start({ RAMPART_NEIGHBOUR_DISCOVERY_KEEP_ALIVE: 'false' });
    await forgetNeighbours();
    await bench.check(
      besides('neighbours cannot find each other', v6(drop('C', 'A', tcp(22)))),
      v4(pass('C', 'A', tcp(22))),
    );
  } finally {
    await daemon.terminate();
    await daemon.start({});
  }
  await forgetNeighbours();
  await bench.check(v6(pass('C', 'A', tcp(22))));
}

const denyBothWays = policy('deny', { ingress: [DENY], egress: [DENY] });

/** Named host endpoints and failsafe ports. */
export const BASICS: readonly Row[] = [
  row(
    1,
    'no HEP',
    given(
      [denyBothWays],
      pass('C', 'A', tcp(8055)),
      pass('A', 'C', tcp(8055)),
      pass('A', 'C', udp(9000)),
      pass('C', 'S', tcp(8055)),
    ),
  ),
  row(2, 'bare named HEP, ingress', given([eth0()], drop('C', 'A', tcp(8055)))),
  row(3, 'bare named HEP, egress', given([eth0()], drop('A', 'B', tcp(8055)))),
  row(4, 'inbound failsafe', given([eth0()], pass('C', 'A', tcp(22)))),
  row(
    5,
    '22 is inbound-only',
    given([eth0(), endpointB()], drop('A', 'B', tcp(22)), pass('C', 'B', tcp(22))),
  ),
  row(
    6,
    'both-way failsafe',
    given([eth0(), endpointB()], pass('A', 'B', tcp(2379)), pass('B', 'A', tcp(2379))),
  ),
  row(
    7,
    'outbound failsafes',
    given(
      [eth0()],
      pass('A', 'C', tcp(5473)),
      pass('A', 'C', tcp(6443)),
      pass('A', 'C', udp(53)),
      pass('A', 'C', udp(67)),
    ),
  ),
  row(8, 'DNS asymmetry', given([eth0()], drop('C', 'A', udp(53)))),
  row(9, 'DHCP', given([eth0()], pass('C', 'A', udp(68)), drop('C', 'A', udp(67)))),
  row(10, 'ICMP not failsafe', given([eth0()], drop('C', 'A', ping), drop('A', 'C', ping))),
  script(11, 'raw IP protocols', portlessBlocked),
  row(
    12,
    'forwarding unaffected',
    given([eth0()], pass('C', 'S', tcp(8055)), pass('S', 'C', tcp(8055))),
    given([eth0(), eth1()], pass('C', 'S', tcp(8055)), pass('S', 'C', tcp(8055))),
  ),
  row(13, 'other interface free', given([eth0()], pass('S', 'A', tcp(8055)))),
  row(
    14,
    'self-traffic via lo',
    given([eth0()], pass('A', 'A.eth0', tcp(8055)), pass('A', 'loopback', tcp(8055))),
  ),
  row(
    15,
    'failsafe with net',
    given(
      [
        eth0(),
        felixConfiguration({
          failsafeInboundHostPorts: [{ protocol: 'tcp', port: 22, net: '10.0.1.9/32' }],
        }),
      ],
      v4(pass('C', 'A', tcp(22))),
      v6(drop('C', 'A', tcp(22))),
      drop('B', 'A', tcp(22)),
    ),
  ),
  row(
    16,
    'failsafe other family',
    given(
      [
        eth0(),
        felixConfiguration({
          failsafeInboundHostPorts: [{ protocol: 'tcp', port: 22, net: 'fd00:1::/64' }],
        }),
      ],
      v4(drop('C', 'A', tcp(22))),
      v6(pass('C', 'A', tcp(22))),
    ),
  ),
  row(
    17,
    'failsafes disabled',
    given(
      [eth0(), felixConfiguration({ failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] })],
      drop('C', 'A', tcp(22)),
      drop('A', 'C', udp(53)),
    ),
  ),
  row(
    18,
    'default-allow profile',
    given(
      [eth0(ALLOW_PROFILE)],
      pass('C', 'A', tcp(8055)),
      pass('C', 'A', udp(67)),
      pass('C', 'A', ping),
      pass('A', 'C', tcp(8055)),
      pass('A', 'C', ping),
    ),
  ),
  row(
    19,
    'missing profile',
    given([eth0({ profiles: ['nope'] })], drop('C', 'A', tcp(8055)), pass('C', 'A', tcp(22))),
  ),
  row(
    20,
    'missing profile first',
    given(
      [eth0({ profiles: ['nope', 'projectcalico-default-allow'] })],
      drop('C', 'A', tcp(8055)),
      drop('A', 'C', tcp(8055)),
    ),
  ),
  row(
    21,
    'policy beats profile',
    given(
      [eth0(ALLOW_PROFILE), policy('deny-out', { egress: [DENY] })],
      drop('A', 'B', tcp(8055)),
      pass('B', 'A', tcp(8055)),
    ),
  ),
  row(
    22,
    'ingress deny is per direction',
    given(
      [eth0(ALLOW_PROFILE), policy('deny-in', { ingress: [DENY] })],
      drop('C', 'A', tcp(8055)),
      pass('A', 'C', tcp(8055)),
      pass('C', 'S', tcp(8055)),
    ),
  ),
  script(23, 'portless conntrack', portlessConntrack),
  script(24, 'invalid state', invalidState),
  script(25, 'ND and IPv6', neighbourDiscovery, { seconds: 60 }),
];
