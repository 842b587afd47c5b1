import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { compileRuleset } from '../../src/compile/compile.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { selectorSetId } from '../../src/policy/set-id.ts';
import { canonicalRuleset } from '../../src/ruleset/canonical.ts';
import type { ResourceUpdate } from '../../src/resource/resource.ts';
import { SETTINGS } from '../support/settings.ts';
import {
  entity,
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  profile,
  put,
  remove,
  rule,
  selector,
  tier,
  workloadEndpoint,
} from '../support/resources.ts';

const INTERFACES = [
  { name: 'eth0', running: true, addresses: ['10.0.1.1'] },
  { name: 'lo', running: true, addresses: ['127.0.0.1'] },
];
const everywhere = (): boolean => false;

function storeWith(updates: readonly ResourceUpdate[]): PolicyStore {
  const store = new PolicyStore('hosta');
  store.setInterfaces(INTERFACES, everywhere);
  for (const update of updates) store.apply(update);
  return store;
}

function rulesetText(store: PolicyStore): string {
  return canonicalRuleset(compileRuleset(store.resolve().policy, SETTINGS));
}

const WORLD: readonly ResourceUpdate[] = [
  hostEndpoint('edge', { labels: { role: 'edge' }, profiles: ['p1'] }),
  hostEndpoint('star', { interfaceName: '*', labels: { zone: 'a' } }),
  hostEndpoint('other', { node: 'hostb', expectedIPs: ['10.0.1.2'], labels: { role: 'edge' } }),
  profile('p1', {
    labelsToApply: { team: 'x' },
    rules: { ingress: [rule('Pass')], egress: [rule('Allow')] },
  }),
  tier('default'),
  tier('first', { order: 1, defaultAction: 'Pass' }),
  globalPolicy('one', {
    selector: selector('team == "x"'),
    ingress: [
      rule('Allow', { source: entity({ selector: selector('role == "edge"') }) }),
      rule('Deny'),
    ],
    egress: [rule('Allow')],
  }),
  globalPolicy('two', {
    tier: 'first',
    order: 5,
    applyOnForward: true,
    ingress: [rule('Pass'), rule('Log')],
  }),
  globalPolicy('three', {
    tier: 'ghost',
    doNotTrack: true,
    ingress: [rule('Allow', { protocol: 17 })],
  }),
  globalPolicy('four', {
    preDNAT: true,
    ingress: [rule('Deny', { source: entity({ nets: ['192.0.2.0/24'] }) })],
  }),
  globalNetworkSet('nets', {
    labels: { role: 'edge' },
    nets: ['198.51.100.0/24', '2001:db8::/32'],
  }),
  workloadEndpoint('pod', { labels: { role: 'edge' } }),
].map(put);

describe('PolicyStore', () => {
  it('promise 1: the same objects in any order of arrival give the same ruleset, byte for byte', () => {
    const expected = rulesetText(storeWith(WORLD));
    assert.match(expected, /ingress\/gnp\/one/);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...WORLD], { minLength: WORLD.length }),
        fc.array(fc.nat(WORLD.length - 1), { maxLength: 6 }),
        fc.boolean(),
        (shuffled, extra, resolveBetween) => {
          const store = new PolicyStore('hosta');
          store.setInterfaces(INTERFACES, everywhere);
          // Some objects come first, go, and come again: history must not show.
          for (const i of extra) {
            const update = WORLD[i];
            if (update === undefined || update.resource === null) continue;
            store.apply(update);
            if (resolveBetween) store.resolve();
            store.apply(remove(update.resource));
          }
          for (const update of shuffled) {
            store.apply(update);
            if (resolveBetween) store.resolve();
          }
          assert.equal(rulesetText(store), expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('promise 9: a changed pod changes the sets it belongs to and nothing else', () => {
    const store = storeWith(WORLD);
    const before = store.resolve().policy;
    const rulesetBefore = compileRuleset(before, SETTINGS);
    store.apply(
      put(workloadEndpoint('pod', { labels: { role: 'edge' }, addresses: ['10.244.0.9'] })),
    );
    const after = store.resolve().policy;
    const id = selectorSetId(selector('role == "edge"'));
    assert.equal(after.endpoints, before.endpoints);
    assert.deepEqual(
      after.sets.get(id)?.ipv4.changesSince(before.sets.get(id)?.ipv4.version ?? -1),
      {
        added: ['10.244.0.9'],
        removed: ['10.244.0.1'],
      },
    );
    assert.equal(compileRuleset(after, SETTINGS).chains, rulesetBefore.chains);
  });

  it('promise 9: interfaces that no endpoint governs change nothing, a state only the state', () => {
    const store = storeWith(
      [hostEndpoint('edge'), hostEndpoint('gone', { interfaceName: 'eth7' })].map(put),
    );
    const before = store.resolve();
    const veth = { name: 'veth1', running: true, addresses: ['169.254.0.1'] };
    store.setInterfaces([...INTERFACES, veth], everywhere);
    assert.equal(store.resolve().policy, before.policy);
    store.setInterfaces([{ name: 'eth0', running: false, addresses: [] }], everywhere);
    const down = store.resolve();
    assert.equal(down.policy, before.policy);
    assert.deepEqual(
      down.governed.map(({ state }) => state),
      ['down', 'error'],
    );
    store.setInterfaces(INTERFACES, (name) => name === 'eth0');
    assert.notEqual(store.resolve().policy, before.policy);
  });

  it('compiles only the policy that changed', () => {
    const store = storeWith(WORLD);
    const before = compileRuleset(store.resolve().policy, SETTINGS);
    store.apply(put(globalPolicy('two', { tier: 'first', order: 5, ingress: [rule('Deny')] })));
    const after = compileRuleset(store.resolve().policy, SETTINGS);
    assert.equal(after.chains.get('ingress/gnp/one'), before.chains.get('ingress/gnp/one'));
    assert.notDeepEqual(after.chains.get('ingress/gnp/two'), before.chains.get('ingress/gnp/two'));
  });

  it('ignores staged policies', () => {
    const staged = put(
      globalPolicy('staged', { kind: 'StagedGlobalNetworkPolicy', stagedAction: 'Set' }),
    );
    assert.equal(rulesetText(storeWith([...WORLD, staged])), rulesetText(storeWith(WORLD)));
  });

  it('governs nothing when no host endpoint names this node', () => {
    const { policy } = storeWith([put(hostEndpoint('a', { node: 'HostA' }))]).resolve();
    assert.deepEqual(policy.endpoints, []);
  });

  it('counts the objects in force by kind', () => {
    const store = storeWith(WORLD);
    assert.equal(store.counts.get('HostEndpoint'), 3);
    assert.equal(store.counts.get('GlobalNetworkPolicy'), 4);
    assert.equal(store.counts.get('WorkloadEndpoint'), 1);
    store.apply(remove(workloadEndpoint('pod')));
    assert.equal(store.counts.get('WorkloadEndpoint'), undefined);
  });

  it('warns that untracked policy has no effect on the endpoint of all interfaces', () => {
    const { problems } = storeWith(WORLD).resolve();
    assert.deepEqual(
      problems.map(({ object }) => object),
      ['GlobalNetworkPolicy three'],
    );
  });
});
