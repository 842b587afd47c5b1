import { allowPorts, hostEndpoint, policy, rule } from '../policy-objects.ts';
import { sampleForward, sampleOutput, samplePacket } from '../sample-packet.ts';
import { ALLOW, DENY, ETH0, ETH0_OPEN, ETH1, PASS, fromS, toPort, via } from './acceptance-row.ts';
import type { AcceptanceRow } from './acceptance-row.ts';

/** applyOnForward, pre-DNAT policy, and what others translate. */
export const FORWARDING_ROWS: readonly AcceptanceRow[] = [
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
