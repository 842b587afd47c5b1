import assert from 'node:assert/strict';
import type { Denial } from '../../src/agent/denial-index.ts';
import { deniedFlow } from '../../src/agent/denied-flow.ts';
import type { LogHook, LoggedPacket } from '../../src/nflog/packet-log.ts';
import type { HostEndpoint } from '../../src/resource/resource.ts';
import { loggedPacket } from '../nflog/logged-packet.ts';
import { localPolicyOf, NODE } from '../support/random-policy.ts';

const RULE: Denial = {
  ...{ direction: 'ingress', reason: 'rule', tier: 'default' },
  ...{ kind: 'GlobalNetworkPolicy', namespace: '', policy: 'deny', rule: 3 },
  ...{ endpoint: '', stage: null, isUntracked: false },
};

function endpoint(name: string, interfaceName: string): HostEndpoint {
  return {
    ...{ kind: 'HostEndpoint', namespace: '', name, labels: {}, node: NODE },
    ...{ interfaceName, expectedIPs: [], profiles: [], ports: [] },
  };
}

const { endpoints } = localPolicyOf({
  resources: [endpoint('own', 'eth0'), endpoint('star', '*')],
});

function told(packet: Partial<LoggedPacket>, denial: Partial<Denial>, isObserving = false) {
  const index = new Map([['known', { ...RULE, ...denial }]]);
  const seen = { ...loggedPacket(), prefix: 'known', iifname: 'eth0', oifname: '', ...packet };
  return deniedFlow(seen, { index, endpoints, isObserving });
}

describe('deniedFlow', () => {
  it('says who denied: policy, rule, tier, and the endpoint that governs the interface', () => {
    const { reason, policy, rule, tier, verdict, interface: name, endpoint: by } = told({}, {});
    assert.deepEqual(
      [reason, policy, rule, tier, verdict, name, by],
      ['rule', 'deny', 3, 'default', 'denied', 'eth0', 'own'],
    );
  });

  it('takes the interface of its direction, and the endpoint of all interfaces for others', () => {
    const flow = told({ iifname: 'eth0', oifname: 'eth1' }, { direction: 'egress' });
    assert.deepEqual([flow.interface, flow.endpoint], ['eth1', 'star']);
  });

  it('takes the endpoint of what only that endpoint denies', () => {
    assert.equal(told({}, { reason: 'tier', endpoint: 'other' }).endpoint, 'other');
  });

  const stages: readonly [Partial<Denial>, LogHook, string][] = [
    [{ isUntracked: true }, 'prerouting', 'untracked'],
    [{}, 'prerouting', 'preDNAT'],
    [{}, 'forward', 'forward'],
    [{}, 'input', 'local'],
    [{}, 'output', 'local'],
    [{ stage: 'forward' }, 'input', 'forward'],
  ];
  for (const [denial, hook, stage] of stages)
    it(`knows the stage ${stage} by ${denial.stage === undefined ? `the hook ${hook}` : 'its rule'}${denial.isUntracked === true ? ' and policy' : ''}`, () => {
      assert.equal(told({ hook }, denial).stage, stage);
    });

  it('says of a rule that is gone that it was replaced, and which interface it was', () => {
    const at = (iifname: string): readonly unknown[] => {
      const flow = told({ prefix: 'gone', iifname, oifname: 'eth1' }, {});
      return [flow.reason, flow.direction, flow.rule, flow.interface];
    };
    assert.deepEqual(at('eth0'), ['replaced', null, null, 'eth0']);
    assert.deepEqual(at(''), ['replaced', null, null, 'eth1']);
  });

  it('says of a host that observes that it would have been denied', () => {
    assert.equal(told({}, {}, true).verdict, 'would-deny');
  });
});
