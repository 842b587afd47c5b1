import { felixConfiguration, hostEndpoint } from '../../support/calico.ts';
import { linkIsUsed } from '../../support/link.ts';
import type { Bench } from '../bench.ts';
import { besides, drop, pass, tcp, v4, v6 } from '../check.ts';
import { awaitStatus } from '../endpoint-status.ts';
import { given, row, script, type Row } from '../row.ts';
import { ALLOW_PROFILE, endpointB, eth0, eth1, fromSelector, policy } from './objects.ts';

const onA = { node: 'hosta' } as const;
const byAddress = (...expectedIPs: readonly string[]): ReturnType<typeof hostEndpoint> =>
  hostEndpoint('by-address', { ...onA, expectedIPs });

async function wrongName(bench: Bench): Promise<void> {
  const reporting = felixConfiguration({ endpointReportingEnabled: true });
  const lost = hostEndpoint('lost', { ...onA, interfaceName: 'eth9', expectedIPs: ['10.0.1.1'] });
  await bench.store([reporting, lost]);
  await bench.check(pass('C', 'A', tcp(8055)));
  await awaitStatus(bench, 'lost', 'error');
}

async function addressAppears(bench: Bench): Promise<void> {
  await bench.store([byAddress('10.0.3.1')]);
  await bench.check(pass('S', 'A', tcp(8055)));
  await onInterfaceChange(bench, ['ip', 'address', 'add', '10.0.3.1/24', 'dev', 'eth1']);
  try {
    await bench.flushConntrack();
    await bench.check(drop('S', 'A', tcp(8055)), pass('C', 'A', tcp(8055)));
  } finally {
    await removeAddress(bench);
  }
}

async function addressDisappears(bench: Bench): Promise<void> {
  const { namespace } = bench.lab.hosts.A;
  await namespace.run(['ip', 'address', 'add', '10.0.3.1/24', 'dev', 'eth1']);
  try {
    await bench.store([byAddress('10.0.3.1')]);
    await bench.check(drop('S', 'A', tcp(8055)));
    await onInterfaceChange(bench, ['ip', 'address', 'del', '10.0.3.1/24', 'dev', 'eth1']);
    await bench.check(pass('S', 'A', tcp(8055)));
  } finally {
    await removeAddress(bench);
  }
}

async function onInterfaceChange(bench: Bench, command: readonly string[]): Promise<void> {
  const daemon = bench.daemon('A');
  const { position } = daemon;
  await bench.lab.hosts.A.namespace.run(command);
  await daemon.applied(position);
}

async function removeAddress(bench: Bench): Promise<void> {
  const { namespace } = bench.lab.hosts.A;
  await namespace.run(['ip', 'address', 'del', '10.0.3.1/24', 'dev', 'eth1']).catch(() => '');
}

async function interfaceRecreated(bench: Bench): Promise<void> {
  const { A, S } = bench.lab.hosts;
  await bench.store([eth1()]);
  await bench.check(drop('S', 'A', tcp(8055)));
  const probe = { kind: 'udp', dst: '10.0.2.1', port: 8055 } as const;
  await S.agent.call('stream', { name: 'leak', probe, everyMs: 2 });
  for (let round = 0; round < 5; round++) {
    await A.namespace.run(['ip', 'link', 'del', 'eth1']);
    await bench.lab.plug('A', 'eth1');
    await bench.check(v4(drop('S', 'A', tcp(8055))));
  }
  const { sent, answered } = await S.agent.call('endStream', { name: 'leak' });
  if (sent === 0 || answered > 0) throw new Error(`${answered} of ${sent} packets leaked`);
  await bench.check(
    besides('the interface has another name', drop('S', 'A', tcp(8055))),
    pass('S', 'A', tcp(22)),
  );
}

async function renamed(bench: Bench): Promise<void> {
  const { namespace } = bench.lab.hosts.A;
  const rename = async (from: string, to: string): Promise<void> => {
    const lines = [`link set ${from} down`, `link set ${from} name ${to}`, `link set ${to} up`];
    await namespace.run(['ip', '-batch', '-'], `${lines.join('\n')}\n`);
    await linkIsUsed(namespace, to);
  };
  await bench.store([hostEndpoint('lan', { ...onA, interfaceName: 'lan0' })]);
  await bench.check(pass('S', 'A', tcp(8055)));
  await rename('eth1', 'lan0');
  try {
    await bench.check(
      besides('the interface has another name', drop('S', 'A', tcp(8055))),
      pass('S', 'A', tcp(22)),
    );
  } finally {
    await rename('lan0', 'eth1');
  }
  await bench.check(pass('S', 'A', tcp(8055)));
}

async function status(bench: Bench): Promise<void> {
  const { namespace } = bench.lab.hosts.A;
  const reporting = felixConfiguration({ endpointReportingEnabled: true });
  await bench.store([
    reporting,
    eth1(),
    hostEndpoint('nowhere', { ...onA, interfaceName: 'eth9' }),
  ]);
  await awaitStatus(bench, 'a-eth1', 'up');
  await awaitStatus(bench, 'nowhere', 'error');
  await namespace.run(['ip', 'link', 'set', 'eth1', 'down']);
  try {
    await awaitStatus(bench, 'a-eth1', 'down');
  } finally {
    await namespace.run(['ip', 'link', 'set', 'eth1', 'up']);
  }
  await awaitStatus(bench, 'a-eth1', 'up');
  await bench.store([reporting]);
  await awaitStatus(bench, 'a-eth1', null);
}

async function deleted(bench: Bench): Promise<void> {
  await bench.store([eth0()]);
  await bench.flushConntrack();
  await bench.check(drop('C', 'A', tcp(8055)));
  await bench.open('through failsafe', 'C', 'A', { port: 22 });
  await bench.store([]);
  await bench.check(pass('C', 'A', tcp(8055)));
  const outcome = await bench.exchange('through failsafe', 'C');
  await bench.lab.hosts.C.agent.call('close', { name: 'through failsafe' });
  if (outcome !== 'ok') throw new Error(`the open connection: ${outcome}`);
}

/** How host endpoints find their interfaces, and what happens when either comes or goes. */
export const ENDPOINTS: readonly Row[] = [
  row(
    43,
    'match by IP',
    given([byAddress('10.0.1.1')], drop('C', 'A', tcp(8055)), pass('S', 'A', tcp(8055))),
    given([byAddress('fd00:1::1')], drop('C', 'A', tcp(8055)), pass('S', 'A', tcp(8055))),
  ),
  row(
    44,
    'name ignores IPs',
    given([eth0({ expectedIPs: ['192.0.2.1'] })], drop('C', 'A', tcp(8055))),
  ),
  script(45, 'wrong name, right IP', wrongName),
  row(
    46,
    'tie by name',
    given(
      [
        hostEndpoint('a-byip', { ...onA, expectedIPs: ['10.0.1.1'], ...ALLOW_PROFILE }),
        hostEndpoint('b-byname', { ...onA, interfaceName: 'eth0' }),
      ],
      pass('C', 'A', tcp(8055)),
    ),
  ),
  row(
    47,
    'failover',
    given(
      [
        hostEndpoint('a-byip', { ...onA, expectedIPs: ['10.0.1.1'], ...ALLOW_PROFILE }),
        hostEndpoint('b-byname', { ...onA, interfaceName: 'eth0' }),
      ],
      pass('C', 'A', tcp(8055)),
    ),
    given([hostEndpoint('b-byname', { ...onA, interfaceName: 'eth0' })], drop('C', 'A', tcp(8055))),
  ),
  row(
    48,
    'node case',
    given(
      [
        hostEndpoint('capital', {
          node: 'HostA',
          interfaceName: 'eth0',
          expectedIPs: ['10.0.1.1', 'fd00:1::1'],
          labels: { role: 'capital' },
        }),
        endpointB(),
        policy('from-capital', {
          selector: "role == 'peer'",
          ingress: [fromSelector('Allow', "role == 'capital'")],
        }),
      ],
      pass('C', 'A', tcp(8055)),
      pass('A', 'B', tcp(8055)),
      drop('C', 'B', tcp(8055)),
    ),
  ),
  script(49, 'address appears', addressAppears),
  script(50, 'address disappears', addressDisappears),
  script(51, 'interface re-created', interfaceRecreated),
  script(52, 'rename', renamed),
  row(
    53,
    'one HEP, two interfaces',
    given(
      [byAddress('10.0.1.1', '10.0.2.1')],
      drop('C', 'A', tcp(8055)),
      drop('S', 'A', tcp(8055)),
    ),
  ),
  row(
    54,
    'v4 match polices v6',
    given([byAddress('10.0.1.1')], v6(drop('C', 'A', tcp(8055))), v6(pass('C', 'A', tcp(22)))),
  ),
  script(55, 'status', status),
  row(
    56,
    'excluded iface',
    given([eth1()], drop('S', 'A', tcp(8055))),
    given([eth1(), felixConfiguration({ interfaceExclude: 'eth1' })], pass('S', 'A', tcp(8055))),
  ),
  script(57, 'HEP deleted', deleted),
];
