import assert from 'node:assert/strict';
import { explainPacket } from '../../src/explain/explain.ts';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import type { ExplainSettings } from '../../src/explain/explain-settings.ts';
import type { Packet } from '../../src/net/packet.ts';
import { selectorSetId } from '../../src/policy/set-id.ts';
import type { Resource } from '../../src/resource/resource.ts';
import { PARITY } from '../support/acceptance/acceptance-row.ts';
import {
  allowPorts,
  hostEndpoint,
  localPolicy,
  networkSet,
  policy,
  rule,
  tier,
} from '../support/policy-objects.ts';
import { selectorOf } from '../support/random-rule.ts';
import {
  sampleForward,
  sampleIPv6,
  sampleNeighbourSolicitation,
  sampleOutput,
  samplePacket,
} from '../support/sample-packet.ts';

function text(
  resources: readonly Resource[],
  packet: Packet,
  settings: Partial<ExplainSettings> = {},
): readonly string[] {
  const input = { policy: localPolicy(resources), settings: { ...PARITY, ...settings }, packet };
  return formatExplanation(explainPacket(input)).split('\n');
}

const ETH0 = hostEndpoint('eth0', { profiles: ['projectcalico-default-allow'] });

describe('formatExplanation', () => {
  it('tells the whole way to a denying rule', () => {
    const setId = selectorSetId(selectorOf("src == 'corp'"));
    const lines = text(
      [
        ETH0,
        networkSet('corp', { src: 'corp' }, ['10.0.1.8/30']),
        tier('security', 'Deny'),
        policy('a', { tier: 'security', order: 1, ingress: [] }),
        policy('b', {
          tier: 'security',
          order: 2,
          ingress: [
            allowPorts(80, '8000:8010', 'web'),
            rule('Log'),
            rule('Deny', { source: { selector: "src == 'corp'" } }),
          ],
        }),
      ],
      samplePacket(),
      { denyAction: 'Reject' },
    );
    assert.deepEqual(
      lines.filter((line) => !line.includes('port web')),
      [
        'TCP from 10.0.1.9:40000 to 10.0.1.1:8055, in on eth0, conntrack state new',
        'untracked policy, ingress on eth0: no policy of this kind',
        'pre-DNAT policy, ingress on eth0: no policy of this kind',
        'normal policy, ingress on eth0: HostEndpoint hep-eth0',
        '  tier security (default action Deny)',
        '    GlobalNetworkPolicy a: passed over, it has no rules in this direction',
        '    GlobalNetworkPolicy b: Deny',
        '      ingress[0] Allow: destination port is 8055, not 80, 8000:8010, web',
        '      ingress[1] Log: matches',
        '      ingress[2] Deny: matches',
        `        10.0.1.9 is in set ${setId} (src == "corp") through 10.0.1.8/30`,
        '  denied',
        'verdict: deny (reject): GlobalNetworkPolicy b ingress[2] Deny',
      ],
    );
  });

  const verdicts: readonly (readonly [
    string,
    readonly Resource[],
    Packet,
    string,
    Partial<ExplainSettings>?,
  ])[] = [
    ['no endpoint', [], samplePacket(), 'verdict: allow: nothing denies it'],
    [
      'a profile',
      [ETH0],
      samplePacket(),
      'verdict: allow: profile projectcalico-default-allow ingress[0] Allow',
    ],
    [
      'a missing profile',
      [hostEndpoint('eth0', { profiles: ['nope'] })],
      samplePacket(),
      'verdict: deny (drop): profile nope does not exist or cannot be read',
    ],
    [
      'the end of a tier',
      [ETH0, policy('p')],
      samplePacket(),
      'verdict: deny (drop): end of tier default: Deny',
    ],
    [
      'nothing deciding',
      [hostEndpoint('*')],
      sampleOutput(),
      'verdict: deny (drop): HostEndpoint star denies what nothing decides',
    ],
    [
      'a failsafe port',
      [hostEndpoint('eth0')],
      samplePacket({ destinationPort: 22 }),
      'verdict: allow: inbound failsafe port TCP:22 with 10.0.1.0/24',
      { failsafeInbound: [{ protocol: 6, net: '10.0.1.0/24', port: 22 }] },
    ],
    [
      'conntrack',
      [hostEndpoint('eth0')],
      samplePacket({ conntrack: 'invalid' }),
      'verdict: deny (drop): conntrack state invalid: Deny',
    ],
    [
      'untracked policy',
      [ETH0, policy('u', { doNotTrack: true, ingress: [rule('Allow')] })],
      samplePacket(),
      'verdict: allow, not tracked: GlobalNetworkPolicy u ingress[0] Allow',
    ],
    [
      'neighbour discovery',
      [hostEndpoint('eth0')],
      sampleNeighbourSolicitation({ conntrack: 'new' }),
      'verdict: allow: ICMPv6 type 135 is kept alive (neighbour discovery)',
      { neighbourDiscoveryKeepAlive: true },
    ],
    [
      'a host that observes',
      [ETH0, policy('p', { ingress: [rule('Deny')] })],
      samplePacket(),
      'verdict: allow: this host observes; would be denied by GlobalNetworkPolicy p ingress[0] Deny',
      { enforcement: 'observe' },
    ],
    [
      'a tier that observes',
      [
        ETH0,
        { ...tier('trial', 'Deny'), enforcement: 'observe' },
        policy('p', { tier: 'trial', ingress: [rule('Deny')] }),
      ],
      samplePacket(),
      'verdict: allow: profile projectcalico-default-allow ingress[0] Allow; would be denied by GlobalNetworkPolicy p ingress[0] Deny',
    ],
    [
      'IPv6 that is not filtered',
      [hostEndpoint('eth0')],
      sampleIPv6(),
      'verdict: allow: nothing denies it',
      { ipv6Support: false },
    ],
    [
      'two stages that both allowed',
      [
        hostEndpoint('eth0'),
        hostEndpoint('eth1'),
        policy('p', {
          applyOnForward: true,
          ingress: [rule('Allow')],
          egress: [rule('Pass'), rule('Deny')],
        }),
        policy('q', { tier: 'z', applyOnForward: true, egress: [rule('Allow')] }),
      ],
      sampleForward(),
      'verdict: allow: GlobalNetworkPolicy p ingress[0] Allow; GlobalNetworkPolicy q egress[0] Allow',
    ],
  ];
  for (const [decider, resources, packet, expected, settings] of verdicts) {
    it(`ends with the reason: ${decider}`, () => {
      assert.equal(text(resources, packet, settings).at(-1), expected);
    });
  }

  const headings: readonly (readonly [Packet, string])[] = [
    [
      sampleForward({ dnat: { destination: '10.0.2.51', destinationPort: 80 } }),
      'TCP from 10.0.1.9:40000 to 10.0.2.50:8055, translated to 10.0.2.51:80, routed from eth0 to eth1, conntrack state new',
    ],
    [
      sampleNeighbourSolicitation(),
      'ICMPv6 type 135 code 0 from fd00:1::9 to fd00:1::1, in on eth0, conntrack state untracked',
    ],
    [
      sampleIPv6(),
      'TCP from [fd00:1::9]:40000 to [fd00:1::1]:8055, in on eth0, conntrack state new',
    ],
  ];
  for (const [packet, expected] of headings) {
    it(`begins with the packet: ${expected}`, () => {
      assert.equal(text([], packet)[0], expected);
    });
  }

  it('says why a stage is not asked', () => {
    const resources = [ETH0, policy('p', { preDNAT: true, ingress: [rule('Allow')] })];
    assert.ok(
      text(resources, samplePacket()).includes(
        'normal policy, ingress on eth0: not asked, pre-DNAT policy allowed the packet',
      ),
    );
    assert.ok(
      text(resources, samplePacket({ conntrack: 'related' })).includes(
        'pre-DNAT policy, ingress on eth0: not asked, the packet belongs to a known connection',
      ),
    );
    assert.ok(
      text(resources, samplePacket({ iifname: 'wg0' })).includes(
        'normal policy, ingress on wg0: no host endpoint governs this interface',
      ),
    );
  });
});
