import assert from 'node:assert/strict';
import type { LocalEndpoint, Policy } from '../../src/policy/local-policy.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type { Shadow } from '../../src/policy/resolver.ts';
import { resourceName } from '../../src/resource/resource.ts';
import type { Resource } from '../../src/resource/resource.ts';
import { hostEndpoint, policy, rule } from '../support/policy-objects.ts';

const ETH0 = { name: 'eth0', running: true, addresses: ['10.0.1.1'] };
const HOST = hostEndpoint('eth0');

function storeOf(resources: readonly Resource[]): PolicyStore {
  const store = new PolicyStore(HOST.node);
  store.setInterfaces([ETH0], () => false);
  put(store, resources);
  return store;
}

function put(store: PolicyStore, resources: readonly Resource[]): void {
  for (const resource of resources) store.apply({ id: resource, resource, problems: [] });
}

function staged(name: string, changes: Partial<Policy> = {}): Policy {
  return { ...policy(name), kind: 'StagedGlobalNetworkPolicy', stagedAction: 'Set', ...changes };
}

function shadowOf(resources: readonly Resource[]): Shadow | null {
  return storeOf(resources).shadow();
}

function names(endpoints: readonly LocalEndpoint[] | null): readonly string[] | null {
  if (endpoints === null) return null;
  return endpoints.flatMap(({ normal }) =>
    normal.flatMap(({ ingress }) =>
      ingress.map((one) => `${resourceName(one)} ${one.ingress.length}`),
    ),
  );
}

describe('staged policies', () => {
  it('are nothing to a host that they do not concern', () => {
    assert.equal(shadowOf([HOST, policy('p')]), null);
    const elsewhere = policy('x', { selector: "role == 'nobody'" });
    assert.equal(
      shadowOf([HOST, policy('p'), staged('x', { selector: elsewhere.selector })]),
      null,
    );
    assert.equal(shadowOf([HOST, staged('p', { stagedAction: 'Delete' })]), null);
    assert.equal(
      shadowOf([HOST, staged('p', { kind: 'StagedNetworkPolicy', namespace: 'n' })]),
      null,
    );
  });

  const cases: readonly (readonly [string, Policy, readonly string[] | null])[] = [
    ['Set adds', staged('q'), ['GlobalNetworkPolicy p 1', 'GlobalNetworkPolicy q 0']],
    ['Set replaces', staged('p'), ['GlobalNetworkPolicy p 0']],
    ['Delete takes away', staged('p', { stagedAction: 'Delete' }), []],
    ['Learn proposes nothing', staged('p', { stagedAction: 'Learn' }), null],
    ['Ignore proposes nothing', staged('p', { stagedAction: 'Ignore' }), null],
  ];
  for (const [title, one, expected] of cases) {
    it(title, () => {
      const shadow = shadowOf([HOST, policy('p', { ingress: [rule('Allow')] }), one]);
      assert.deepEqual(names(shadow?.policies[0]?.endpoints ?? null), expected);
      assert.deepEqual(names(shadow?.together ?? null), expected);
      assert.deepEqual(names(shadow?.enforced ?? null), ['GlobalNetworkPolicy p 1']);
    });
  }

  it('replace a policy that selects the host by one that does not', () => {
    const { selector } = policy('x', { selector: "role == 'nobody'" });
    const shadow = shadowOf([HOST, policy('p'), staged('p', { selector })]);
    assert.deepEqual(names(shadow?.policies[0]?.endpoints ?? null), []);
  });

  it('count alone and all together', () => {
    const shadow = shadowOf([
      HOST,
      policy('p'),
      staged('p', { stagedAction: 'Delete' }),
      staged('q'),
    ]);
    assert.ok(shadow);
    assert.deepEqual(
      shadow.policies.map(({ endpoints }) => names(endpoints)),
      [[], ['GlobalNetworkPolicy p 0', 'GlobalNetworkPolicy q 0']],
    );
    assert.deepEqual(names(shadow.together), ['GlobalNetworkPolicy q 0']);
  });

  it('leave the objects that are enforced as they are, whenever they come and go', () => {
    const store = storeOf([HOST, policy('p', { ingress: [rule('Allow')] })]);
    const before = store.resolve();
    const asks = staged('q', { ingress: [rule('Allow', { source: { selector: 'all()' } })] });
    put(store, [asks]);
    assert.equal(store.resolve().policy.endpoints, before.policy.endpoints);
    assert.equal(store.resolve().policy.sets, before.policy.sets);
    assert.equal(store.shadow()?.sets.size, 1);
    store.apply({ id: asks, resource: null, problems: [] });
    assert.equal(store.resolve().policy.endpoints, before.policy.endpoints);
    assert.deepEqual(store.resolve().policy.sets, before.policy.sets);
    assert.equal(store.shadow(), null);
  });
});
