import { allowPorts, hostEndpoint, policy, profile, rule, tier } from '../policy-objects.ts';
import { sampleOutput, samplePacket } from '../sample-packet.ts';
import { ALLOW, DENY, ETH0, ETH0_OPEN, PASS, toPort } from './acceptance-row.ts';
import type { AcceptanceRow } from './acceptance-row.ts';

/** Order and end of tiers, policies and profiles. */
export const TIER_ROWS: readonly AcceptanceRow[] = [
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
