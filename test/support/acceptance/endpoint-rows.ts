import type { FailsafePort } from '../../../src/net/failsafe.ts';
import { allowPorts, hostEndpoint, policy, profile } from '../policy-objects.ts';
import {
  sampleForward,
  sampleIPv6,
  sampleLoopback,
  sampleNeighbourSolicitation,
  sampleOutput,
  samplePacket,
} from '../sample-packet.ts';
import {
  ALLOW,
  DENY,
  ETH0,
  ETH0_OPEN,
  PASS,
  bareProtocol,
  fromB,
  fromS,
  icmp,
  toPort,
  udp,
} from './acceptance-row.ts';
import type { AcceptanceRow } from './acceptance-row.ts';

const tcpNet: readonly FailsafePort[] = [{ protocol: 6, net: '10.0.1.9/32', port: 22 }];
const tcpNet6: readonly FailsafePort[] = [{ protocol: 6, net: 'fd00:1::/64', port: 22 }];

/** A host endpoint by itself: failsafes, conntrack, profiles, neighbour discovery. */
export const ENDPOINT_ROWS: readonly AcceptanceRow[] = [
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
