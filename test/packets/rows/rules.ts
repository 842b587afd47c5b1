import { type CalicoObject, globalNetworkSet, type RuleSpec } from '../../support/calico.ts';
import type { Bench } from '../bench.ts';
import { type Check, drop, from, icmp, icmp6, pass, ping, tcp, udp, v4, v6 } from '../check.ts';
import { given, type Phase, row, script, type Row } from '../row.ts';
import {
  ALLOW_PROFILE,
  endpointB,
  eth0,
  eth1,
  fromNets,
  fromSelector,
  policy,
  tcpTo,
} from './objects.ts';

const edge = eth0();
const openB = endpointB(ALLOW_PROFILE);

/** A bare eth0 with one ingress policy of these rules. */
function ingress(rules: readonly RuleSpec[], ...checks: readonly Check[]): Phase {
  return given([edge, policy('rules', { ingress: rules })], ...checks);
}

const oddPorts = [1001, 1003, 1005, 1007, 1009, 1011, 1013, 1015, 1017, 1019];
const morePorts = [1021, 1023, 1025, 1027, 9000, 9001, 9100, 9200, 9300];

// Twenty networks, of which three are those of clients.
const filler = Array.from({ length: 17 }, (_, i) => `172.16.${i}.0/24`);
const filler6 = Array.from({ length: 17 }, (_, i) => `fd99:${(i + 1).toString(16)}::/32`);

const web = { name: 'web', protocol: 'TCP', port: 8055 } as const;
const namedEdge = eth0({ ports: [web], expectedIPs: ['10.0.1.1', 'fd00:1::1'] });

function named(endpoint: CalicoObject, rule: RuleSpec, ...checks: readonly Check[]): Phase {
  return given([endpoint, policy('named', { ingress: [rule] })], ...checks);
}

const corp = fromSelector('Allow', "src == 'corp'");
const fromCorp = policy('from-corp', { ingress: [corp] });
const corpSet = (name: string, ...nets: readonly string[]): CalicoObject =>
  globalNetworkSet(name, { src: 'corp' }, nets);

async function setChurn(bench: Bench): Promise<void> {
  const churn = (round: number): readonly string[] =>
    Array.from({ length: 20 }, (_, i) => `10.50.${(round * 7 + i * 3) % 256}.0/24`);
  const withClient = [edge, fromCorp, corpSet('corp', '10.0.1.9/32', 'fd00:1::9/128')];
  await bench.store(withClient);
  await bench.open('churn', 'C', 'A', { port: 8055 });
  const probe = { kind: 'udp', dst: '10.0.1.1', port: 8055 } as const;
  await bench.lab.hosts.C.agent.call('stream', { name: 'churn', probe, everyMs: 5 });
  for (let round = 0; round < 100; round++) {
    const member = round % 2 === 0 ? [] : ['10.0.1.9/32', 'fd00:1::9/128'];
    await bench.write([edge, fromCorp, corpSet('corp', ...churn(round), ...member)]);
  }
  await bench.settled();
  const { sent, answered } = await bench.lab.hosts.C.agent.call('endStream', { name: 'churn' });
  const outcome = await bench.exchange('churn', 'C');
  await bench.lab.hosts.C.agent.call('close', { name: 'churn' });
  if (outcome !== 'ok' || sent === 0 || answered !== sent)
    throw new Error(`open connection: ${outcome}; ${answered} of ${sent} packets answered`);
  await bench.check(pass('C', 'A', tcp(8055)), drop('B', 'A', tcp(8055)));
  await bench.store([edge, fromCorp, corpSet('corp', ...churn(100))]);
  await bench.check(drop('C', 'A', tcp(8055)));
}

const LARGE_PARTS = 4;
const LARGE_PART = 50_000;

/** Every second address of 10.100.0.0 upwards, so that nothing can be merged. */
function largePart(part: number): CalicoObject {
  const first = part * LARGE_PART;
  const nets = Array.from({ length: LARGE_PART }, (_, i) => {
    const offset = 2 * (first + i);
    return `10.${100 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}/32`;
  });
  return corpSet(`large-${part}`, ...nets);
}

async function largeSet(bench: Bench): Promise<void> {
  const parts = Array.from({ length: LARGE_PARTS }, (_, part) => largePart(part));
  await bench.store([edge, fromCorp, ...parts, corpSet('client', '10.0.1.9/32')]);
  await bench.flushConntrack();
  await bench.check(v4(pass('C', 'A', tcp(8055))), v4(drop('B', 'A', tcp(8055))));
  const listed = await bench.lab.hosts.A.namespace.run(['nft', 'list', 'table', 'inet', 'rampart']);
  const members = new Set(listed.match(/\b10\.1\d\d\.\d+\.\d+\b/g));
  if (members.size !== LARGE_PARTS * LARGE_PART) throw new Error(`${members.size} members`);
  await bench.store([edge, fromCorp, ...parts]);
  await bench.flushConntrack();
  await bench.check(drop('C', 'A', tcp(8055)));
  await bench.store([]);
}

/** What the fields of a rule match, and who is in a set. */
export const RULES: readonly Row[] = [
  row(
    107,
    '>15 ports',
    ingress(
      [tcpTo('Allow', ...oddPorts, '8000:8100', ...morePorts)],
      ...[...oddPorts, 8000, 8050, 8055, 8100, ...morePorts].map((port) =>
        pass('C', 'A', tcp(port)),
      ),
      drop('C', 'A', tcp(8101)),
      drop('C', 'A', tcp(80)),
      drop('C', 'A', tcp(443)),
    ),
  ),
  row(
    108,
    'many nets',
    ingress(
      [
        fromNets('Allow', ...filler, '10.0.1.9/32', '10.0.1.20/31', '10.0.1.22/32'),
        fromNets('Allow', ...filler6, 'fd00:1::9/128', 'fd00:1::20/123', 'fd00:1::22/128'),
      ],
      pass('C', 'A', tcp(8055)),
      from('10.0.1.21', pass('C', 'A', tcp(8055))),
      from('10.0.1.22', pass('C', 'A', udp(8055))),
      from('fd00:1::22', pass('C', 'A', tcp(8055))),
      from('10.0.1.23', drop('C', 'A', tcp(8055))),
      drop('B', 'A', tcp(8055)),
    ),
  ),
  row(
    109,
    'nets + notNets',
    ingress(
      [{ action: 'Allow', source: { nets: ['10.0.1.0/24'], notNets: ['10.0.1.9/32'] } }],
      v4(pass('B', 'A', tcp(8055))),
      drop('C', 'A', tcp(8055)),
      v6(drop('B', 'A', tcp(8055))),
    ),
  ),
  row(
    110,
    'notNets only',
    ingress(
      [{ action: 'Allow', source: { notNets: ['10.0.1.9/32'] } }],
      v4(pass('B', 'A', tcp(8055))),
      drop('C', 'A', tcp(8055)),
      v6(drop('B', 'A', tcp(8055))),
    ),
  ),
  row(
    111,
    'v4-only allow',
    ingress(
      [fromNets('Allow', '10.0.0.0/8')],
      v4(pass('C', 'A', tcp(8055))),
      v6(drop('C', 'A', tcp(8055))),
    ),
  ),
  row(
    112,
    'nets 0.0.0.0/0',
    ingress(
      [fromNets('Allow', '0.0.0.0/0')],
      v4(pass('C', 'A', tcp(8055))),
      v4(pass('B', 'A', udp(9000))),
      v6(drop('C', 'A', tcp(8055))),
    ),
  ),
  row(
    113,
    'ipVersion',
    ingress(
      [{ ...tcpTo('Allow', 8055), ipVersion: 6 }],
      v6(pass('C', 'A', tcp(8055))),
      v4(drop('C', 'A', tcp(8055))),
    ),
  ),
  row(
    114,
    'ICMP type',
    ingress(
      [{ action: 'Allow', protocol: 'ICMP', icmp: { type: 8 } }],
      v4(pass('C', 'A', ping)),
      drop('C', 'A', icmp(13, 0)),
      v6(drop('C', 'A', ping)),
    ),
    ingress(
      [{ action: 'Allow', protocol: 'ICMPv6', icmp: { type: 128 } }],
      v6(pass('C', 'A', ping)),
      v4(drop('C', 'A', ping)),
    ),
  ),
  row(
    115,
    'ICMP type+code',
    ingress(
      [
        { action: 'Allow', protocol: 'ICMP', icmp: { type: 8, code: 0 } },
        { action: 'Allow', protocol: 'ICMPv6', icmp: { type: 128, code: 0 } },
      ],
      pass('C', 'A', ping),
      drop('C', 'A', icmp(8, 1)),
      drop('C', 'A', icmp6(128, 1)),
    ),
    ingress(
      [
        { action: 'Allow', protocol: 'ICMP', notICMP: { type: 8, code: 0 } },
        { action: 'Allow', protocol: 'ICMPv6', notICMP: { type: 128, code: 0 } },
      ],
      drop('C', 'A', ping),
      pass('C', 'A', icmp(8, 1)),
      pass('C', 'A', icmp(13, 0)),
      pass('C', 'A', icmp6(128, 1)),
    ),
  ),
  row(
    116,
    'notProtocol',
    ingress(
      [{ action: 'Allow', notProtocol: 'TCP' }],
      pass('C', 'A', udp(8055)),
      pass('C', 'A', ping),
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    117,
    'udp vs tcp',
    ingress(
      [{ action: 'Allow', protocol: 'UDP', destination: { ports: [8055] } }],
      pass('C', 'A', udp(8055)),
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    118,
    'notPorts',
    ingress(
      [{ action: 'Allow', protocol: 'TCP', destination: { notPorts: [8055, 9000] } }],
      drop('C', 'A', tcp(8055)),
      drop('C', 'A', tcp(9000)),
      pass('C', 'A', tcp(22)),
      pass('C', 'A', tcp(9001)),
    ),
  ),
  row(
    119,
    'selector set',
    given(
      [edge, fromCorp, corpSet('corp', '10.0.1.9/32', 'fd00:1::9/128')],
      pass('C', 'A', tcp(8055)),
      drop('B', 'A', tcp(8055)),
    ),
  ),
  row(
    120,
    'notSelector only',
    given(
      [
        edge,
        openB,
        policy('not-known', {
          ingress: [{ action: 'Allow', source: { notSelector: 'has(role)' } }],
        }),
      ],
      pass('C', 'A', tcp(8055)),
      drop('B', 'A', tcp(8055)),
    ),
  ),
  row(
    121,
    'all() as source',
    given(
      [edge, openB, policy('known', { ingress: [fromSelector('Allow', 'all()')] })],
      drop('C', 'A', tcp(8055)),
      pass('B', 'A', tcp(8055)),
    ),
  ),
  row(
    122,
    'HEP without expectedIPs',
    given(
      [
        edge,
        endpointB({ ...ALLOW_PROFILE, expectedIPs: [] }),
        policy('peers', { ingress: [fromSelector('Allow', "role == 'peer'")] }),
      ],
      drop('B', 'A', tcp(8055)),
    ),
  ),
  script(123, 'set churn', setChurn),
  row(
    124,
    'overlap',
    given(
      [edge, eth1(), fromCorp, corpSet('wide', '10.0.0.0/8'), corpSet('narrow', '10.0.1.0/24')],
      v4(pass('C', 'A', tcp(8055))),
      v4(pass('S', 'A', tcp(8055))),
    ),
    given(
      [edge, eth1(), fromCorp, corpSet('narrow', '10.0.1.0/24')],
      v4(pass('C', 'A', tcp(8055))),
      v4(drop('S', 'A', tcp(8055))),
    ),
  ),
  row(
    125,
    'shared member',
    given(
      [edge, fromCorp, corpSet('one', '10.0.1.9/32'), corpSet('two', '10.0.1.9/32')],
      v4(pass('C', 'A', tcp(8055))),
    ),
    given([edge, fromCorp, corpSet('two', '10.0.1.9/32')], v4(pass('C', 'A', tcp(8055)))),
    given([edge, fromCorp], drop('C', 'A', tcp(8055))),
  ),
  row(
    126,
    '/0 in set',
    given(
      [edge, fromCorp, corpSet('everybody', '0.0.0.0/0')],
      v4(pass('C', 'A', tcp(8055))),
      v4(pass('B', 'A', tcp(8055))),
      v6(drop('C', 'A', tcp(8055))),
    ),
    given(
      [edge, fromCorp, corpSet('everybody', '0.0.0.0/0', '::/0')],
      pass('C', 'A', tcp(8055)),
      pass('B', 'A', tcp(8055)),
    ),
  ),
  row(
    127,
    'named port',
    named(
      namedEdge,
      tcpTo('Allow', 'web'),
      pass('C', 'A', tcp(8055)),
      drop('C', 'A', tcp(9000)),
      drop('C', 'A', udp(8055)),
      drop('C', 'A.eth1', tcp(8055)),
    ),
  ),
  row(
    128,
    'named port needs IPs',
    named(eth0({ ports: [web] }), tcpTo('Allow', 'web'), drop('C', 'A', tcp(8055))),
  ),
  row(
    129,
    'named + numeric',
    named(
      namedEdge,
      tcpTo('Allow', 'web', 9000),
      pass('C', 'A', tcp(8055)),
      pass('C', 'A', tcp(9000)),
      drop('C', 'A', tcp(9001)),
    ),
  ),
  row(
    130,
    'wrong protocol',
    named(
      namedEdge,
      { action: 'Allow', protocol: 'UDP', destination: { ports: ['web'] } },
      drop('C', 'A', udp(8055)),
      drop('C', 'A', tcp(8055)),
    ),
    named(
      namedEdge,
      { action: 'Allow', destination: { ports: ['web'] } },
      pass('C', 'A', tcp(8055)),
      drop('C', 'A', udp(8055)),
    ),
  ),
  row(
    131,
    'negated named',
    named(
      namedEdge,
      { action: 'Allow', protocol: 'TCP', destination: { notPorts: ['web'] } },
      drop('C', 'A', tcp(8055)),
      pass('C', 'A', tcp(9000)),
      pass('C', 'A.eth1', tcp(8055)),
      drop('C', 'A', udp(9000)),
    ),
  ),
  script(132, 'large set', largeSet, { seconds: 120 }),
];
