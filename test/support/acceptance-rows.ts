import { DEFAULT_FAILSAFE_INBOUND, DEFAULT_FAILSAFE_OUTBOUND } from '../../src/net/failsafe.ts';
import type { FailsafePort } from '../../src/net/failsafe.ts';
import type { Packet } from '../../src/net/packet.ts';
import type { Resource } from '../../src/resource/resource.ts';
import type { RandomSettings } from './random-policy.ts';
import {
  sampleForward,
  sampleIPv6,
  sampleLoopback,
  sampleNeighbourSolicitation,
  sampleOutput,
  samplePacket,
} from './sample-packet.ts';
import {
  allowPorts,
  hostEndpoint,
  networkSet,
  policy,
  profile,
  rule,
  tier,
} from './policy-objects.ts';
import type { RuleSketch } from './policy-objects.ts';

/** Objects, packets, and what becomes of them. C is 10.0.1.9 on eth0's link, S is 10.0.2.50 behind eth1. */
export interface AcceptanceRow {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly settings?: Partial<RandomSettings>;
  readonly allowed?: readonly Packet[];
  readonly denied?: readonly Packet[];
  /** Allowed, and without a conntrack entry. */
  readonly untracked?: readonly Packet[];
}

/** Felix's defaults, and exact parity: neighbour discovery is not kept alive. */
export const PARITY: RandomSettings = {
  failsafeInbound: DEFAULT_FAILSAFE_INBOUND,
  failsafeOutbound: DEFAULT_FAILSAFE_OUTBOUND,
  disableConntrackInvalidCheck: false,
  denyAction: 'Drop',
  neighbourDiscoveryKeepAlive: false,
  ipv6Support: true,
};

const DEFAULT_ALLOW = { profiles: ['projectcalico-default-allow'] };
const ETH0 = hostEndpoint('eth0');
const ETH0_OPEN = hostEndpoint('eth0', DEFAULT_ALLOW);
const ETH1 = hostEndpoint('eth1');
const STAR = hostEndpoint('*');
const ALLOW = rule('Allow');
const DENY = rule('Deny');
const PASS = rule('Pass');

const toPort = (destinationPort: number): Packet => samplePacket({ destinationPort });
const udp = (port: number): Partial<Packet> => ({ protocol: 17, destinationPort: port });
const fromB = { source: '10.0.1.2' };
const fromS = { iifname: 'eth1', source: '10.0.2.50' };
const icmp = (type: number, code = 0): Partial<Packet> => ({
  protocol: 1,
  sourcePort: null,
  destinationPort: null,
  icmpType: type,
  icmpCode: code,
});
const bareProtocol = (protocol: number): Partial<Packet> => ({
  protocol,
  sourcePort: null,
  destinationPort: null,
});
/** D: the tester's own DNAT of 32010 to S:8055 and 32011 to S:9000. */
const via = (port: 32010 | 32011): Partial<Packet> => ({
  destination: '10.0.1.1',
  destinationPort: port,
  dnat: { destination: '10.0.2.50', destinationPort: port === 32010 ? 8055 : 9000 },
});

function withRule(sketch: RuleSketch): readonly Resource[] {
  return [ETH0, policy('p', { ingress: [rule('Allow', sketch)] })];
}

const tcpNet: readonly FailsafePort[] = [{ protocol: 6, net: '10.0.1.9/32', port: 22 }];
const tcpNet6: readonly FailsafePort[] = [{ protocol: 6, net: 'fd00:1::/64', port: 22 }];

const BASICS: readonly AcceptanceRow[] = [
  {
    name: 'no endpoint: nothing is filtered',
    resources: [policy('p', { ingress: [DENY], egress: [DENY] })],
    allowed: [samplePacket(), sampleOutput(), sampleForward(), sampleLoopback()],
  },
  {
    name: 'bare endpoint: local traffic is denied both ways, but for failsafe ports',
    resources: [ETH0],
    denied: [
      samplePacket(),
      sampleOutput(),
      sampleOutput({ destinationPort: 22 }),
      samplePacket(udp(53)),
      samplePacket(udp(67)),
      samplePacket(icmp(8)),
      sampleOutput(icmp(8)),
      samplePacket(bareProtocol(253)),
    ],
    allowed: [
      toPort(22),
      toPort(2379),
      sampleOutput({ destinationPort: 2379 }),
      sampleOutput(udp(53)),
      sampleOutput(udp(67)),
      samplePacket(udp(68)),
    ],
  },
  {
    name: 'bare endpoint: forwarded traffic, other interfaces and lo are free',
    resources: [ETH0],
    allowed: [
      sampleForward(),
      samplePacket(fromS),
      sampleLoopback(),
      sampleForward({ ...fromS, oifname: 'eth0' }),
    ],
  },
  {
    name: 'conntrack states on a bare endpoint',
    resources: [ETH0],
    allowed: [
      samplePacket({ conntrack: 'established' }),
      sampleOutput({ conntrack: 'related' }),
      sampleForward({ conntrack: 'related' }),
    ],
    denied: [
      samplePacket({ conntrack: 'invalid', destinationPort: 22 }),
      samplePacket({ conntrack: 'untracked' }),
      sampleForward({ conntrack: 'invalid' }),
      sampleForward({ conntrack: 'invalid', iifname: 'eth1', oifname: 'eth0' }),
    ],
  },
  {
    name: 'invalid packets are dropped where policy would allow them',
    resources: [ETH0, policy('p', { ingress: [ALLOW] })],
    denied: [samplePacket({ conntrack: 'invalid' })],
    allowed: [samplePacket({ conntrack: 'invalid', iifname: 'eth1' })],
  },
  {
    name: 'DisableConntrackInvalidCheck leaves invalid packets to policy',
    resources: [ETH0, policy('p', { ingress: [allowPorts(8055)] })],
    settings: { disableConntrackInvalidCheck: true },
    allowed: [samplePacket({ conntrack: 'invalid' })],
    denied: [samplePacket({ conntrack: 'invalid', destinationPort: 9000 })],
  },
  {
    name: 'a failsafe net limits the other side',
    resources: [ETH0],
    settings: { failsafeInbound: tcpNet },
    allowed: [toPort(22)],
    denied: [samplePacket({ ...fromB, destinationPort: 22 })],
  },
  {
    name: 'a failsafe net of the other family does not apply',
    resources: [ETH0],
    settings: { failsafeInbound: tcpNet6 },
    denied: [toPort(22)],
    allowed: [sampleIPv6({ destinationPort: 22 })],
  },
  {
    name: 'no failsafes',
    resources: [ETH0],
    settings: { failsafeInbound: [], failsafeOutbound: [] },
    denied: [toPort(22), sampleOutput(udp(53))],
  },
  {
    name: 'projectcalico-default-allow exists without being stored',
    resources: [ETH0_OPEN],
    allowed: [samplePacket(), sampleOutput()],
  },
  {
    name: 'a missing profile denies, also before one that allows',
    resources: [hostEndpoint('eth0', { profiles: ['nope', 'projectcalico-default-allow'] })],
    denied: [samplePacket(), sampleOutput()],
    allowed: [toPort(22)],
  },
  {
    name: 'a profile without a verdict, by Pass or by no rule, leaves it to the next',
    resources: [
      hostEndpoint('eth0', { profiles: ['p1', 'p2'] }),
      profile('p1', { rules: { ingress: [PASS, DENY], egress: [] } }),
      profile('p2', { rules: { ingress: [allowPorts(8055)], egress: [ALLOW] } }),
    ],
    allowed: [samplePacket(), sampleOutput()],
    denied: [toPort(9000)],
  },
  {
    name: 'policy beats profile, one direction only',
    resources: [ETH0_OPEN, policy('p', { ingress: [DENY] })],
    denied: [samplePacket()],
    allowed: [sampleOutput(), sampleForward()],
  },
  {
    name: 'neighbour discovery dies on a bare endpoint in parity mode',
    resources: [ETH0],
    denied: [
      sampleNeighbourSolicitation(),
      sampleNeighbourSolicitation({ icmpType: 143, hopLimit: 1 }),
    ],
  },
  {
    name: 'neighbour discovery from this link is kept alive, in any conntrack state',
    resources: [ETH0, policy('p', { ingress: [DENY], doNotTrack: true })],
    settings: { neighbourDiscoveryKeepAlive: true },
    allowed: [
      sampleNeighbourSolicitation(),
      sampleNeighbourSolicitation({ conntrack: 'invalid' }),
      sampleNeighbourSolicitation({ icmpType: 143, hopLimit: 1 }),
      sampleNeighbourSolicitation({ path: 'output', iifname: '', oifname: 'eth0' }),
    ],
    denied: [
      sampleNeighbourSolicitation({ hopLimit: 64 }),
      sampleNeighbourSolicitation({ icmpType: 128 }),
    ],
  },
  {
    name: 'neighbour discovery has no place in forwarding',
    resources: [ETH0, policy('p', { ingress: [DENY], applyOnForward: true })],
    settings: { neighbourDiscoveryKeepAlive: true },
    denied: [sampleNeighbourSolicitation({ path: 'forward', oifname: 'eth1' })],
  },
  {
    name: 'Ipv6Support false leaves IPv6 unfiltered',
    resources: [ETH0],
    settings: { ipv6Support: false },
    allowed: [sampleIPv6(), sampleIPv6({ conntrack: 'invalid' })],
    denied: [samplePacket()],
  },
];

const STAR_ROWS: readonly AcceptanceRow[] = [
  {
    name: 'bare star endpoint: every interface, lo included',
    resources: [STAR],
    denied: [samplePacket(), samplePacket(fromS), sampleLoopback(), sampleLoopback(udp(53))],
    allowed: [toPort(22), sampleForward()],
  },
  {
    name: 'traffic to itself needs both directions',
    resources: [STAR, policy('p', { egress: [ALLOW] })],
    denied: [sampleLoopback()],
    allowed: [sampleOutput()],
  },
  {
    name: 'traffic to itself with both directions',
    resources: [STAR, policy('p', { ingress: [ALLOW], egress: [ALLOW] })],
    allowed: [sampleLoopback()],
  },
  {
    name: 'an endpoint of its own is not merged with the star: looser',
    resources: [ETH0_OPEN, STAR],
    allowed: [samplePacket()],
    denied: [samplePacket(fromS)],
  },
  {
    name: 'an endpoint of its own is not merged with the star: tighter',
    resources: [
      ETH0,
      hostEndpoint('*', { labels: { role: 'star' } }),
      policy('p', { selector: "role == 'star'", ingress: [ALLOW] }),
    ],
    denied: [samplePacket()],
    allowed: [samplePacket(fromS)],
  },
  {
    name: 'the smallest name among star endpoints wins',
    resources: [
      hostEndpoint('*', { ...DEFAULT_ALLOW, name: 'aaa' }),
      hostEndpoint('*', { name: 'zzz' }),
    ],
    allowed: [samplePacket()],
  },
  {
    name: 'star, forward ingress denied',
    resources: [STAR, policy('p', { applyOnForward: true, ingress: [DENY], egress: [ALLOW] })],
    denied: [sampleForward()],
  },
  {
    name: 'star, forward egress denied',
    resources: [STAR, policy('p', { applyOnForward: true, ingress: [ALLOW], egress: [DENY] })],
    denied: [sampleForward()],
  },
  {
    name: 'untracked policy has no effect on a star endpoint',
    resources: [STAR, policy('p', { doNotTrack: true, ingress: [ALLOW] })],
    denied: [samplePacket()],
  },
  {
    name: 'star, pre-DNAT pinhole',
    resources: [
      STAR,
      policy('pinhole', { preDNAT: true, order: 1, ingress: [allowPorts(32010)] }),
      policy('deny', { preDNAT: true, order: 2, ingress: [DENY] }),
    ],
    allowed: [sampleForward(via(32010)), sampleForward({ ...via(32010), ...fromS })],
    denied: [sampleForward(via(32011)), samplePacket()],
  },
  {
    name: 'pre-DNAT policy of the star applies where an endpoint of its own has none',
    resources: [
      ETH0,
      hostEndpoint('*', { labels: { role: 'star' } }),
      policy('allow', { ingress: [ALLOW] }),
      policy('deny', { selector: "role == 'star'", preDNAT: true, ingress: [DENY] }),
    ],
    denied: [samplePacket()],
  },
  {
    name: 'pre-DNAT policy of the star is not asked where an endpoint of its own has some',
    resources: [
      ETH0,
      hostEndpoint('*', { labels: { role: 'star' } }),
      policy('allow', { preDNAT: true, ingress: [allowPorts(8055)] }),
      policy('deny', { selector: "role == 'star'", preDNAT: true, ingress: [DENY] }),
    ],
    allowed: [samplePacket()],
    denied: [toPort(9000), samplePacket(fromS)],
  },
];

const TIERS: readonly AcceptanceRow[] = [
  {
    name: 'end of tier denies what its policies do not decide',
    resources: [
      ETH0_OPEN,
      tier('security', 'Deny'),
      policy('p', { tier: 'security', ingress: [allowPorts(9000)] }),
    ],
    denied: [samplePacket()],
    allowed: [toPort(9000), sampleOutput()],
  },
  {
    name: 'a tier that passes leaves it to the profile',
    resources: [
      ETH0_OPEN,
      tier('security', 'Pass'),
      policy('p', { tier: 'security', ingress: [allowPorts(9000)] }),
    ],
    allowed: [samplePacket(), toPort(9000)],
  },
  {
    name: 'Pass goes on with the next tier and skips the rest of its own',
    resources: [
      ETH0_OPEN,
      tier('security', 'Deny'),
      policy('a', { tier: 'security', order: 1, ingress: [PASS] }),
      policy('b', { tier: 'security', order: 2, ingress: [DENY] }),
      policy('c', { ingress: [allowPorts(8055)] }),
    ],
    allowed: [samplePacket()],
    denied: [toPort(9000)],
  },
  {
    name: 'Pass in the last tier leads to the profile',
    resources: [ETH0_OPEN, policy('p', { ingress: [PASS] })],
    allowed: [samplePacket()],
  },
  {
    name: 'Pass in the last tier without a profile ends in deny',
    resources: [ETH0, policy('p', { ingress: [PASS] })],
    denied: [samplePacket()],
  },
  {
    name: 'equal order: by name',
    resources: [
      ETH0,
      policy('a', { order: 1, ingress: [rule('Deny', { destination: { ports: [8055] } })] }),
      policy('b', { order: 1, ingress: [allowPorts(8055)] }),
    ],
    denied: [samplePacket()],
  },
  {
    name: 'equal order: a-b comes before a',
    resources: [
      ETH0,
      policy('a', { order: 1, ingress: [allowPorts(8055)] }),
      policy('a-b', { order: 1, ingress: [rule('Deny', { destination: { ports: [8055] } })] }),
    ],
    denied: [samplePacket()],
  },
  {
    name: 'no order comes last',
    resources: [
      ETH0,
      policy('a', { ingress: [DENY] }),
      policy('b', { order: 500, ingress: [allowPorts(8055)] }),
    ],
    allowed: [samplePacket()],
  },
  {
    name: 'rules of a direction that is not in types are dead',
    resources: [
      ETH0_OPEN,
      policy('p', { ingress: [allowPorts(8055)], egress: [DENY], appliesToEgress: false }),
    ],
    allowed: [samplePacket(), sampleOutput()],
  },
  {
    name: 'a policy without rules in a direction makes its tier deny there',
    resources: [ETH0_OPEN, policy('p', { ingress: [ALLOW], egress: [] })],
    allowed: [samplePacket()],
    denied: [sampleOutput()],
  },
  {
    name: 'a tier that does not exist comes last and denies at its end',
    resources: [ETH0_OPEN, policy('p', { tier: 'ghost', ingress: [allowPorts(9000)] })],
    allowed: [toPort(9000)],
    denied: [samplePacket()],
  },
  {
    name: 'staged policies have no effect',
    resources: [ETH0_OPEN, policy('p', { kind: 'StagedGlobalNetworkPolicy', ingress: [DENY] })],
    allowed: [samplePacket()],
  },
  {
    name: 'Log decides nothing',
    resources: [ETH0, policy('p', { ingress: [rule('Log'), allowPorts(8055)] })],
    allowed: [samplePacket()],
    denied: [toPort(9000)],
  },
  {
    name: 'labels inherited from a profile select',
    resources: [
      hostEndpoint('eth0', { labels: {}, profiles: ['p1'] }),
      profile('p1', { labelsToApply: { role: 'edge' } }),
      policy('p', { ingress: [allowPorts(8055)] }),
    ],
    allowed: [samplePacket()],
  },
];

const FORWARDING: readonly AcceptanceRow[] = [
  {
    name: 'applyOnForward acts on forwarded and on local traffic',
    resources: [ETH0, policy('p', { applyOnForward: true, ingress: [allowPorts(8055)] })],
    allowed: [sampleForward(), samplePacket(), sampleForward({ ...fromS, oifname: 'eth0' })],
    denied: [sampleForward({ destinationPort: 9000 }), toPort(9000)],
  },
  {
    name: 'normal policy does not act on forwarded traffic',
    resources: [ETH0, policy('p', { ingress: [DENY] })],
    allowed: [sampleForward()],
    denied: [samplePacket()],
  },
  {
    name: 'there are no failsafes and no profiles in forwarding',
    resources: [ETH0_OPEN, policy('p', { applyOnForward: true, ingress: [allowPorts(8055)] })],
    denied: [sampleForward({ destinationPort: 22 }), sampleForward({ destinationPort: 9000 })],
  },
  {
    name: 'Pass through all tiers lets forwarded traffic go',
    resources: [ETH0, policy('p', { applyOnForward: true, ingress: [PASS] })],
    allowed: [sampleForward()],
    denied: [samplePacket()],
  },
  {
    name: 'egress at the output interface',
    resources: [
      ETH1,
      policy('p', {
        applyOnForward: true,
        egress: [rule('Deny', { destination: { ports: [9000] } }), ALLOW],
      }),
    ],
    allowed: [sampleForward(), sampleOutput({ oifname: 'eth1' })],
    denied: [
      sampleForward({ destinationPort: 9000 }),
      sampleOutput({ oifname: 'eth1', destinationPort: 9000 }),
    ],
  },
  {
    name: 'pre-DNAT policy sees the port before translation',
    resources: [
      ETH0,
      policy('pinhole', { preDNAT: true, order: 1, ingress: [allowPorts(32010)] }),
      policy('deny', { preDNAT: true, order: 2, ingress: [DENY] }),
    ],
    allowed: [
      sampleForward(via(32010)),
      sampleForward({ ...via(32011), ...fromS }),
      sampleForward({ ...via(32011), conntrack: 'established' }),
    ],
    denied: [sampleForward(via(32011))],
  },
  {
    name: 'a pinhole for the port after translation opens nothing',
    resources: [
      ETH0,
      policy('pinhole', { preDNAT: true, order: 1, ingress: [allowPorts(8055)] }),
      policy('deny', { preDNAT: true, order: 2, ingress: [DENY] }),
    ],
    denied: [sampleForward(via(32010))],
  },
  {
    name: 'pre-DNAT Allow skips normal policy, no match leaves it to it',
    resources: [ETH0, policy('p', { preDNAT: true, ingress: [allowPorts(9000)] })],
    allowed: [toPort(9000)],
    denied: [samplePacket()],
  },
  {
    name: 'pre-DNAT Allow does not skip forward egress',
    resources: [
      ETH0,
      hostEndpoint('eth1', { labels: { role: 'out' } }),
      policy('p', { preDNAT: true, ingress: [allowPorts(32010)] }),
      policy('q', { selector: "role == 'out'", applyOnForward: true, egress: [DENY] }),
    ],
    denied: [sampleForward(via(32010))],
  },
  {
    name: 'failsafe ports pass pre-DNAT policy, but not forward policy',
    resources: [ETH0, policy('p', { preDNAT: true, ingress: [DENY] })],
    allowed: [toPort(22), sampleForward({ destinationPort: 22 })],
    denied: [samplePacket()],
  },
  {
    name: 'normal policy sees the port after translation',
    resources: [ETH0, policy('p', { ingress: [allowPorts(8055)] })],
    allowed: [
      samplePacket({
        destinationPort: 80,
        dnat: { destination: '10.0.1.1', destinationPort: 8055 },
      }),
    ],
    denied: [
      samplePacket({
        destinationPort: 8055,
        dnat: { destination: '10.0.1.1', destinationPort: 80 },
      }),
    ],
  },
  {
    name: 'local traffic that was translated is judged at its new interface, by its new header',
    resources: [
      hostEndpoint('eth1', { labels: { role: 'edge' } }),
      policy('p', { egress: [allowPorts(9000)] }),
    ],
    denied: [sampleOutput({ ...via(32010), oifnameAfterDnat: 'eth1' })],
    allowed: [sampleOutput({ ...via(32011), oifnameAfterDnat: 'eth1' })],
  },
  {
    name: 'local traffic that was translated is not judged at its old interface',
    resources: [ETH0],
    allowed: [sampleOutput({ ...via(32010), oifnameAfterDnat: 'eth1' })],
    denied: [sampleOutput({ ...via(32010), oifnameAfterDnat: 'eth1', conntrack: 'invalid' })],
  },
];

const UNTRACKED: readonly AcceptanceRow[] = [
  {
    name: 'untracked Allow skips everything but forward egress',
    resources: [
      ETH0,
      hostEndpoint('eth1', { labels: { role: 'out' } }),
      policy('u', { doNotTrack: true, ingress: [ALLOW], egress: [ALLOW] }),
      policy('d', { preDNAT: true, ingress: [DENY] }),
      policy('f', { applyOnForward: true, ingress: [DENY] }),
      policy('o', {
        selector: "role == 'out'",
        applyOnForward: true,
        egress: [rule('Deny', { destination: { ports: [9000] } }), PASS],
      }),
    ],
    untracked: [samplePacket(), sampleOutput(), sampleForward()],
    denied: [sampleForward({ destinationPort: 9000 })],
  },
  {
    name: 'half-untracked: the answer is invalid, and denied',
    resources: [
      ETH0,
      policy('u', { doNotTrack: true, ingress: [allowPorts(8055)] }),
      policy('e', { egress: [ALLOW] }),
    ],
    untracked: [samplePacket()],
    denied: [sampleOutput({ conntrack: 'invalid', sourcePort: 8055, destinationPort: 40000 })],
  },
  {
    name: 'failsafe traffic and its answers stay tracked',
    resources: [ETH0, policy('u', { doNotTrack: true, ingress: [ALLOW], egress: [ALLOW] })],
    allowed: [
      toPort(22),
      samplePacket({
        sourcePort: 53,
        destinationPort: 40000,
        protocol: 17,
        conntrack: 'established',
      }),
      sampleOutput({ sourcePort: 22, destinationPort: 40000, conntrack: 'established' }),
    ],
    untracked: [samplePacket()],
  },
  {
    name: 'Pass and no match leave it to normal policy',
    resources: [
      ETH0,
      policy('u', { doNotTrack: true, ingress: [rule('Pass', { protocol: 6 }), DENY] }),
      policy('n', { ingress: [ALLOW] }),
    ],
    allowed: [samplePacket()],
    denied: [samplePacket(udp(9000))],
  },
  {
    name: 'untracked ingress Deny hits forwarded traffic as well',
    resources: [ETH0_OPEN, policy('u', { doNotTrack: true, ingress: [DENY] })],
    denied: [sampleForward(), samplePacket(), samplePacket({ conntrack: 'established' })],
    allowed: [toPort(22)],
  },
  {
    name: 'untracked egress is not asked about forwarded traffic',
    resources: [
      hostEndpoint('eth1', DEFAULT_ALLOW),
      policy('u', { doNotTrack: true, egress: [DENY] }),
    ],
    denied: [sampleOutput({ oifname: 'eth1' })],
    allowed: [sampleForward()],
  },
  {
    name: 'untracked policy on lo: out and in are judged apart',
    resources: [
      hostEndpoint('lo'),
      policy('u', { doNotTrack: true, egress: [ALLOW] }),
      policy('n', { ingress: [allowPorts(8055)] }),
    ],
    untracked: [sampleLoopback()],
    denied: [sampleLoopback({ destinationPort: 9000 })],
  },
];

const web = { name: 'web', protocol: 6, port: 8055 };
const B = hostEndpoint('eth0', {
  name: 'hep-b',
  node: 'hostb',
  expectedIPs: ['10.0.1.2'],
  ports: [web],
});

const RULES: readonly AcceptanceRow[] = [
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

/** Calico's semantics, row by row. */
export const ACCEPTANCE_ROWS: Readonly<Record<string, readonly AcceptanceRow[]>> = {
  'host endpoints': BASICS,
  'the endpoint of all interfaces': STAR_ROWS,
  'tiers, policies and profiles': TIERS,
  'forwarding and pre-DNAT': FORWARDING,
  'untracked policy': UNTRACKED,
  'rules and sets': RULES,
};
