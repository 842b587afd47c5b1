import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import type { Packet } from '../../src/net/packet.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type { Resource } from '../../src/resource/resource.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import {
  entity,
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  rule,
  selector,
  tier,
} from '../support/resources.ts';
import { SETTINGS } from '../support/settings.ts';

const PACKET: Packet = {
  path: 'input',
  family: 4,
  iifname: 'eth0',
  oifname: '',
  oifnameAfterDnat: null,
  source: '198.51.100.9',
  destination: '10.0.1.1',
  protocol: 6,
  sourcePort: 40_000,
  destinationPort: 8055,
  icmpType: null,
  icmpCode: null,
  hopLimit: 64,
  mark: 0,
  conntrack: 'new',
  dnat: null,
};

function policyOf(...resources: readonly Resource[]): ReturnType<PolicyStore['resolve']>['policy'] {
  const store = new PolicyStore('hosta');
  store.setInterfaces([{ name: 'eth0', running: true, addresses: ['10.0.1.1'] }], () => false);
  for (const resource of resources) {
    const { kind, namespace, name } = resource;
    store.apply({ id: { kind, namespace, name }, resource, problems: [] });
  }
  return store.resolve().policy;
}

function verdict(packet: Partial<Packet>, ...resources: readonly Resource[]): string {
  const ruleset = compileRuleset(policyOf(...resources), SETTINGS);
  return evaluateRuleset(ruleset, { ...PACKET, ...packet }).verdict;
}

describe('promise 7: fails closed, failsafe ports stay open', () => {
  const allow = rule('Allow');
  const missingProfile = hostEndpoint('edge', {
    profiles: ['nope', 'projectcalico-default-allow'],
  });
  const cases: readonly (readonly [string, readonly Resource[]])[] = [
    ['a host endpoint without policy', [hostEndpoint('edge')]],
    ['a profile that does not exist', [missingProfile]],
    [
      'an allow with a part that a host cannot honour',
      [
        hostEndpoint('edge', { profiles: ['projectcalico-default-allow'] }),
        globalPolicy('a', { ingress: [rule('Allow', { neverMatches: 'http' })] }),
      ],
    ],
    [
      'a tier that does not exist',
      [
        hostEndpoint('edge', { profiles: ['projectcalico-default-allow'] }),
        globalPolicy('a', { tier: 'ghost', ingress: [rule('Allow', { protocol: 17 })] }),
      ],
    ],
    [
      'a selector that selects nothing',
      [
        hostEndpoint('edge'),
        globalPolicy('a', {
          ingress: [rule('Allow', { source: entity({ selector: selector('nobody == "x"') }) })],
        }),
      ],
    ],
  ];
  for (const [title, resources] of cases) {
    it(`promise 7: ${title} denies, SSH stays open`, () => {
      assert.equal(verdict({}, ...resources), 'drop');
      assert.equal(verdict({ destinationPort: 22 }, ...resources), 'accept');
      assert.equal(verdict({ iifname: 'eth1' }, ...resources), 'accept');
    });
  }

  it('is not the tests that deny: the same endpoint with an allow lets the packet through', () => {
    assert.equal(
      verdict({}, hostEndpoint('edge'), globalPolicy('a', { ingress: [allow] })),
      'accept',
    );
  });
});

describe('promise 10: every verdict can be explained', () => {
  it('promise 10: names the policy, the rule, the set member, and a counter that the ruleset has', () => {
    const policy = policyOf(
      hostEndpoint('edge'),
      tier('default'),
      globalNetworkSet('corp', { labels: { src: 'corp' }, nets: ['198.51.100.0/24'] }),
      globalPolicy('from-corp', {
        ingress: [
          rule('Deny', { protocol: 17 }),
          rule('Allow', { source: entity({ selector: selector('src == "corp"') }) }),
        ],
      }),
    );
    const explanation = explainPacket({ policy, settings: SETTINGS, packet: PACKET });
    assert.equal(explanation.verdict, 'allow');
    const decided = explanation.trail.find((step) => step.kind === 'policy');
    assert.equal(decided?.policy, 'GlobalNetworkPolicy from-corp');
    const deciding = decided.rules.find(({ matched }) => matched);
    assert.equal(deciding?.index, 1);
    assert.deepEqual(
      deciding.lookups.map(({ description, member }) => [description, member]),
      [['src == "corp"', '198.51.100.0/24']],
    );
    const ruleset = compileRuleset(policy, SETTINGS);
    const evaluation = evaluateRuleset(ruleset, PACKET);
    assert.ok(evaluation.verdict !== 'unsupported');
    assert.ok(ruleset.counters.has('ingress/gnp/from-corp/1'));
    assert.deepEqual(
      evaluation.hits.flatMap(({ counters }) => counters),
      ['ingress/gnp/from-corp/1'],
    );
  });
});
