import assert from 'node:assert/strict';
import { findIdlePolicies } from '../../src/policy/idle-policies.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type { Policy, Resource } from '../../src/resource/resource.ts';
import {
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  profile,
  put,
  remove,
  selector,
  workloadEndpoint,
} from '../support/resources.ts';

function drain(survey: Generator<undefined, readonly Policy[]>): {
  readonly names: readonly string[];
  readonly stops: number;
} {
  for (let stops = 0; ; stops += 1) {
    const step = survey.next();
    if (step.done === true) return { names: step.value.map(({ name }) => name), stops };
  }
}

function storeOf(...resources: readonly Resource[]): PolicyStore {
  const store = new PolicyStore('hosta');
  for (const resource of resources) store.apply(put(resource));
  return store;
}

function policyFor(name: string, text: string): Policy {
  return globalPolicy(name, { selector: selector(text) });
}

describe('findIdlePolicies', () => {
  const endpoints = [
    hostEndpoint('edge', { labels: { role: 'edge', zone: 'a' }, node: 'elsewhere' }),
    workloadEndpoint('pod', { labels: { app: 'web' }, profiles: ['kns.shop'] }),
    profile('kns.shop', { labelsToApply: { 'pcns.team': 'blue' } }),
    globalNetworkSet('nets', { labels: { role: 'outside' } }),
  ];
  const cases: readonly (readonly [string, boolean])[] = [
    ['all()', false],
    ['role == "edge"', false],
    ['role == "edge" && zone == "b"', true],
    ['has(app)', false],
    ['has(nothing)', true],
    ['!has(role)', false],
    ['!has(role) && !has(app)', true],
    ['app in {"api", "web"}', false],
    ['app in {"api", "db"}', true],
    ['pcns.team == "blue"', false],
    ['role == "outside"', true],
    ['app != "web" && role != "edge"', true],
  ];
  for (const [text, isIdle] of cases) {
    it(`${isIdle ? 'names' : 'passes over'} a policy for ${text}`, () => {
      const store = storeOf(...endpoints, policyFor('p', text));
      assert.deepEqual(drain(store.surveyPolicies()).names, isIdle ? ['p'] : []);
    });
  }

  it('names every policy while there is no endpoint', () => {
    assert.deepEqual(drain(storeOf(policyFor('p', 'all()')).surveyPolicies()).names, ['p']);
  });

  it('looks at GlobalNetworkPolicies only', () => {
    const store = storeOf(
      ...endpoints,
      globalPolicy('n', { kind: 'NetworkPolicy', namespace: 'x', selector: selector('has(no)') }),
      globalPolicy('s', { kind: 'StagedGlobalNetworkPolicy', selector: selector('has(no)') }),
    );
    assert.deepEqual(drain(store.surveyPolicies()).names, []);
  });

  it('stops on the way, so that much work gives way to other work', () => {
    const labels = Array.from({ length: 10_000 }, (_, i) => new Map([['n', String(i)]]));
    const { names, stops } = drain(findIdlePolicies([policyFor('p', '!has(n)')], labels));
    assert.deepEqual(names, ['p']);
    assert.ok(stops >= 30, `${stops} stops`);
  });
});

describe('PolicyStore', () => {
  it('counts nodes by their host endpoints', () => {
    const a = hostEndpoint('a', { node: 'one' });
    const store = storeOf(
      a,
      hostEndpoint('b', { node: 'one' }),
      hostEndpoint('c', { node: 'two' }),
    );
    assert.deepEqual([...store.nodeNames], ['one', 'two']);
    store.apply(remove(a));
    store.apply(put(hostEndpoint('b', { node: 'three' })));
    assert.deepEqual([...store.nodeNames].sort(), ['three', 'two']);
    assert.equal(store.hosts, 2);
  });

  it('counts the changes of policies that are enforced', () => {
    const store = storeOf(hostEndpoint('a'));
    const before = store.policyVersion;
    store.apply(put(globalPolicy('p')));
    store.apply(put(globalPolicy('s', { kind: 'StagedGlobalNetworkPolicy' })));
    assert.equal(store.policyVersion, before + 1);
  });
});
