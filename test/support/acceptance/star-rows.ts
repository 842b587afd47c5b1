import { allowPorts, hostEndpoint, policy } from '../policy-objects.ts';
import { sampleForward, sampleLoopback, sampleOutput, samplePacket } from '../sample-packet.ts';
import {
  ALLOW,
  DEFAULT_ALLOW,
  DENY,
  ETH0,
  ETH0_OPEN,
  STAR,
  fromS,
  toPort,
  udp,
  via,
} from './acceptance-row.ts';
import type { AcceptanceRow } from './acceptance-row.ts';

/** The endpoint of all interfaces, alone and beside others. */
export const STAR_ROWS: readonly AcceptanceRow[] = [
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
