import { allowPorts, hostEndpoint, policy, rule } from '../policy-objects.ts';
import { sampleForward, sampleLoopback, sampleOutput, samplePacket } from '../sample-packet.ts';
import {
  ALLOW,
  DEFAULT_ALLOW,
  DENY,
  ETH0,
  ETH0_OPEN,
  PASS,
  toPort,
  udp,
} from './acceptance-row.ts';
import type { AcceptanceRow } from './acceptance-row.ts';

/** doNotTrack policy. */
export const UNTRACKED_ROWS: readonly AcceptanceRow[] = [
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
