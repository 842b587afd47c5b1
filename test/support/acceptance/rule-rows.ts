import type { Resource } from '../../../src/resource/resource.ts';
import { allowPorts, hostEndpoint, networkSet, policy, rule } from '../policy-objects.ts';
import type { RuleSketch } from '../policy-objects.ts';
import { sampleIPv6, samplePacket } from '../sample-packet.ts';
import { ETH0, bareProtocol, fromB, icmp, toPort, udp } from './acceptance-row.ts';
import type { AcceptanceRow } from './acceptance-row.ts';

function withRule(sketch: RuleSketch): readonly Resource[] {
  return [ETH0, policy('p', { ingress: [rule('Allow', sketch)] })];
}

const web = { name: 'web', protocol: 6, port: 8055 };
const B = hostEndpoint('eth0', {
  name: 'hep-b',
  node: 'hostb',
  expectedIPs: ['10.0.1.2'],
  ports: [web],
});

/** What the conditions of a rule mean. */
export const RULE_ROWS: readonly AcceptanceRow[] = [
  {
    name: 'ports and ranges',
    resources: withRule({ destination: { ports: [80, '8000:8100', 443] } }),
    allowed: [samplePacket(), toPort(80), toPort(8000), toPort(8100)],
    denied: [toPort(7999), toPort(8101), samplePacket(udp(80))],
  },
  {
    name: 'notPorts',
    resources: withRule({ destination: { notPorts: [8055, 9000] } }),
    allowed: [toPort(9001), toPort(22)],
    denied: [samplePacket(), samplePacket(udp(9001))],
  },
  {
    name: 'nets and notNets',
    resources: withRule({ source: { nets: ['10.0.1.0/24'], notNets: ['10.0.1.9/32'] } }),
    allowed: [samplePacket(fromB)],
    denied: [samplePacket(), samplePacket({ source: '10.0.2.50' }), sampleIPv6()],
  },
  {
    name: 'notNets of one family say nothing about the other',
    resources: withRule({ source: { notNets: ['10.0.1.9/32'] } }),
    allowed: [samplePacket(fromB)],
    denied: [samplePacket(), sampleIPv6()],
  },
  {
    name: 'notNets with everything never match',
    resources: withRule({ source: { notNets: ['0.0.0.0/0', 'fd00:2::/64'] } }),
    allowed: [sampleIPv6()],
    denied: [samplePacket()],
  },
  {
    name: 'nets 0.0.0.0/0 are all of IPv4',
    resources: withRule({ source: { nets: ['0.0.0.0/0'] } }),
    allowed: [samplePacket()],
    denied: [sampleIPv6()],
  },
  {
    name: 'mixed nets apply family by family',
    resources: withRule({ source: { nets: ['10.0.1.9/32', 'fd00:1::/64'] } }),
    allowed: [samplePacket(), sampleIPv6()],
    denied: [samplePacket(fromB), sampleIPv6({ source: '2001:db8::7' })],
  },
  {
    name: 'ipVersion',
    resources: withRule({ ipVersion: 6 }),
    allowed: [sampleIPv6()],
    denied: [samplePacket()],
  },
  {
    name: 'ICMP type',
    resources: withRule({ protocol: 1, ipVersion: 4, icmp: { type: 8, code: null } }),
    allowed: [samplePacket(icmp(8)), samplePacket(icmp(8, 1))],
    denied: [samplePacket(icmp(13)), samplePacket()],
  },
  {
    name: 'ICMP type and code',
    resources: withRule({ protocol: 1, ipVersion: 4, icmp: { type: 8, code: 0 } }),
    allowed: [samplePacket(icmp(8))],
    denied: [samplePacket(icmp(8, 1))],
  },
  {
    name: 'notICMP type and code',
    resources: withRule({ protocol: 1, ipVersion: 4, notICMP: { type: 8, code: 0 } }),
    allowed: [samplePacket(icmp(8, 1)), samplePacket(icmp(13))],
    denied: [samplePacket(icmp(8)), samplePacket()],
  },
  {
    name: 'notICMP without a protocol holds for everything else',
    resources: withRule({ notICMP: { type: 8, code: null } }),
    allowed: [samplePacket(icmp(13)), samplePacket(), sampleIPv6()],
    denied: [samplePacket(icmp(8))],
  },
  {
    name: 'protocol and notProtocol',
    resources: withRule({ notProtocol: 6 }),
    allowed: [samplePacket(udp(8055)), samplePacket(bareProtocol(253))],
    denied: [samplePacket()],
  },
  {
    name: 'a selector means the addresses of what it selects',
    resources: [
      ...withRule({ source: { selector: "src == 'corp'" } }),
      networkSet('corp', { src: 'corp' }, ['10.0.1.8/30', 'fd00:1::9/128']),
    ],
    allowed: [samplePacket(), sampleIPv6()],
    denied: [samplePacket(fromB), sampleIPv6({ source: 'fd00:1::8' })],
  },
  {
    name: 'notSelector holds for unknown addresses',
    resources: [...withRule({ source: { notSelector: 'has(role)' } }), B],
    allowed: [samplePacket()],
    denied: [samplePacket(fromB)],
  },
  {
    name: 'all() means known endpoints only',
    resources: [...withRule({ source: { selector: 'all()' } }), B],
    allowed: [samplePacket(fromB)],
    denied: [samplePacket()],
  },
  {
    name: 'overlapping nets of a set',
    resources: [
      ...withRule({ source: { selector: 'has(src)' } }),
      networkSet('wide', { src: 'x' }, ['10.0.0.0/8', '0.0.0.0/0']),
      networkSet('narrow', { src: 'y' }, ['10.0.1.0/24']),
    ],
    allowed: [samplePacket(), samplePacket({ source: '192.0.2.7' })],
  },
  {
    name: 'a named port is that of an endpoint, with its protocol and address',
    resources: [
      hostEndpoint('eth0', { expectedIPs: ['10.0.1.1'], ports: [web] }),
      policy('p', {
        ingress: [rule('Allow', { protocol: null, destination: { ports: ['web'] } })],
      }),
    ],
    allowed: [samplePacket()],
    denied: [toPort(9000), samplePacket({ destination: '10.0.2.1' }), samplePacket(udp(8055))],
  },
  {
    name: 'a named port of endpoints without addresses matches nothing',
    resources: [
      hostEndpoint('eth0', { ports: [web] }),
      policy('p', { ingress: [allowPorts('web')] }),
    ],
    denied: [samplePacket()],
  },
  {
    name: 'named and numeric ports are alternatives',
    resources: [
      hostEndpoint('eth0', { expectedIPs: ['10.0.1.1'], ports: [web] }),
      policy('p', { ingress: [allowPorts('web', 9000)] }),
    ],
    allowed: [samplePacket(), toPort(9000)],
    denied: [toPort(9001)],
  },
  {
    name: 'a negated named port',
    resources: [
      hostEndpoint('eth0', { expectedIPs: ['10.0.1.1'], ports: [web] }),
      policy('p', { ingress: [rule('Allow', { destination: { notPorts: ['web', 'nobody'] } })] }),
    ],
    allowed: [toPort(9000)],
    denied: [samplePacket()],
  },
  {
    name: 'a rule that cannot be honoured never matches',
    resources: withRule({ neverMatches: 'HTTP matches cannot be enforced' }),
    denied: [samplePacket()],
  },
];
