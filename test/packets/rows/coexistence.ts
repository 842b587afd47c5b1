import { felixConfiguration } from '../../support/calico.ts';
import type { Bench } from '../bench.ts';
import { drop, from, pass, tcp } from '../check.ts';
import { given, row, script, type Row } from '../row.ts';
import { ALLOW, ALLOW_PROFILE, eth0, eth1, policy, tcpTo } from './objects.ts';

// What A's own processes call, and the tester's table sends to S.
const forwardedAddress = { address: '10.0.1.9' } as const;
const forwardedAddress6 = { address: 'fd00:1::9' } as const;
const toForwardedPort = [
  { ...drop('A', forwardedAddress, tcp(32010)), families: [4] as const },
  { ...drop('A', forwardedAddress6, tcp(32010)), families: [6] as const },
];

async function rejectTransaction(bench: Bench): Promise<void> {
  const rejecting = felixConfiguration({ nftablesFilterDenyAction: 'Reject' });
  await bench.store([eth1(), rejecting]);
  await bench.flushConntrack();
  await bench.check(...toForwardedPort);
}

// Each counter sees the packets of a hook that still carry the mark outside the agent's bits.
const MARKING = `
  counter kept-input {}
  counter lost-input {}
  counter kept-forward {}
  counter lost-forward {}
  counter kept-output {}
  counter lost-output {}
  chain before {
    type filter hook prerouting priority -400;
    meta mark set meta mark | 0x00001234
  }
  chain before-output {
    type filter hook output priority -400;
    oifname "eth0" meta mark set meta mark | 0x00001234
  }
  chain input {
    type filter hook input priority 400;
    iifname "eth0" meta mark & 0x0000ffff == 0x00001234 counter name kept-input return
    iifname "eth0" counter name lost-input
  }
  chain forward {
    type filter hook forward priority 400;
    iifname "eth0" meta mark & 0x0000ffff == 0x00001234 counter name kept-forward return
    iifname "eth0" counter name lost-forward
  }
  chain postrouting {
    type filter hook postrouting priority 400;
    oifname != "eth0" return
    meta mark & 0x0000ffff == 0x00001234 counter name kept-output return
    counter name lost-output
  }
`;

async function markHygiene(bench: Bench): Promise<void> {
  const remove = await bench.foreignTable('labmark', MARKING);
  try {
    await bench.store([
      eth0(),
      policy('tracked', {
        applyOnForward: true,
        ingress: [tcpTo('Allow', 8055)],
        egress: [ALLOW],
      }),
      policy('early', { preDNAT: true, ingress: [tcpTo('Allow', 9000)] }),
    ]);
    await bench.flushConntrack();
    await bench.check(
      pass('C', 'A', tcp(8055)),
      pass('C', 'A', tcp(9000)),
      pass('C', 'S', tcp(8055)),
      pass('A', 'C', tcp(8055)),
    );
    for (const hook of ['input', 'forward', 'output']) {
      const kept = await packets(bench, `kept-${hook}`);
      const lost = await packets(bench, `lost-${hook}`);
      if (kept === 0 || lost > 0) throw new Error(`${hook}: ${kept} marks kept, ${lost} lost`);
    }
  } finally {
    await remove();
  }
}

async function packets(bench: Bench, counter: string): Promise<number> {
  const list = ['nft', '-j', 'list', 'counter', 'inet', 'labmark', counter];
  const listed = await bench.lab.hosts.A.namespace.run(list);
  const { nftables } = JSON.parse(listed) as {
    readonly nftables: readonly { readonly counter?: { readonly packets: number } }[];
  };
  return nftables.find((item) => item.counter !== undefined)?.counter?.packets ?? 0;
}

async function restart(bench: Bench): Promise<void> {
  const daemon = bench.daemon('A');
  const client = bench.lab.hosts.C.agent;
  await bench.store([
    eth0(),
    policy('web', {
      ingress: [
        tcpTo('Allow', 8055),
        { action: 'Allow', protocol: 'UDP', destination: { ports: [8055] } },
      ],
    }),
  ]);
  await bench.flushConntrack();
  const streams = [
    { name: 'flow', probe: { kind: 'udp', dst: '10.0.1.1', port: 8055 }, everyMs: 5 },
    { name: 'flow6', probe: { kind: 'udp', dst: 'fd00:1::1', port: 8055 }, everyMs: 5 },
    { name: 'new', probe: { kind: 'tcp', dst: '10.0.1.1', port: 8055 }, everyMs: 20 },
    { name: 'denied', probe: { kind: 'tcp', dst: '10.0.1.1', port: 9000 }, everyMs: 20 },
  ] as const;
  for (const stream of streams) await client.call('stream', stream);
  await daemon.kill();
  await bench.check(pass('C', 'A', tcp(8055)), drop('C', 'A', tcp(9000)));
  await daemon.start();
  const results = await Promise.all(
    streams.map(async ({ name }) => ({ name, ...(await client.call('endStream', { name })) })),
  );
  for (const { name, sent, answered } of results) {
    const expected = name === 'denied' ? 0 : sent;
    if (sent === 0 || answered !== expected)
      throw new Error(`${name}: ${answered} of ${sent} answered, expected ${expected}`);
  }
}

async function foreignTable(bench: Bench): Promise<void> {
  await bench.store([
    eth0(ALLOW_PROFILE),
    policy('allow-all', { ingress: [ALLOW], egress: [ALLOW] }),
  ]);
  const remove = await bench.foreignTable(
    'labdrop',
    `chain input {
      type filter hook input priority 10;
      ip saddr 10.0.1.9 drop
      ip6 saddr fd00:1::9 drop
    }`,
  );
  try {
    await bench.flushConntrack();
    await bench.check(
      drop('C', 'A', tcp(8055)),
      from('10.0.1.21', pass('C', 'A', tcp(8055))),
      pass('B', 'A', tcp(8055)),
    );
  } finally {
    await remove();
  }
}

/** Traffic that others redirect, marks of others, other tables, and a new process. */
export const COEXISTENCE: readonly Row[] = [
  script(133, 'REJECT transaction', rejectTransaction),
  row(134, 'DNATed local egress', given([eth1()], ...toForwardedPort)),
  row(
    135,
    '… stale iface not policed',
    given([eth0()], ...toForwardedPort.map((check) => ({ ...check, expect: 'pass' as const }))),
  ),
  script(136, 'mark hygiene', markHygiene),
  script(137, 'restart', restart, { seconds: 60 }),
  script(142, 'foreign table', foreignTable),
];
