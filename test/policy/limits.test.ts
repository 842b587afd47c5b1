import assert from 'node:assert/strict';
import { compileRuleset } from '../../src/compile/compile.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { MAX_STAGE_RULES } from '../../src/policy/rule-limit.ts';
import type { Rule } from '../../src/resource/rule.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import {
  entity,
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  profile,
  put,
  rule,
  selector,
  tier,
} from '../support/resources.ts';
import { samplePacket } from '../support/sample-packet.ts';
import { SETTINGS } from '../support/settings.ts';

const MOST_MEMBERS = 3;

function emptyStore(): PolicyStore {
  const store = new PolicyStore('hosta', MOST_MEMBERS);
  store.setInterfaces([{ name: 'eth0', running: true, addresses: ['10.0.1.1'] }], () => false);
  store.apply(put(tier('default')));
  return store;
}

/** What becomes of a packet to 8055 from an address, by both ways to find out. */
function verdict(store: PolicyStore, source: string): string {
  const { policy } = store.resolve();
  const packet = samplePacket({ source });
  const compiled = evaluateRuleset(compileRuleset(policy, SETTINGS), packet).verdict;
  const explained = explainPacket({ policy, settings: SETTINGS, packet }).denial ?? 'accept';
  assert.equal(compiled, explained);
  return compiled;
}

function codes(store: PolicyStore): readonly string[] {
  return store.resolve().problems.map(({ code, object }) => `${code}: ${object}`);
}

const from = (text: string): Partial<Rule> => ({ source: entity({ selector: selector(text) }) });
const nets = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `192.0.2.${i * 2}/32`);

describe('limits', () => {
  it('members of a set: at the limit it is used; one more, and Allow never matches, Deny matches without it', () => {
    for (const [action, atLimit, beyond] of [
      ['Allow', 'accept', 'drop'],
      ['Deny', 'drop', 'drop'],
    ] as const) {
      const store = emptyStore();
      const rest = rule(action === 'Allow' ? 'Deny' : 'Allow');
      const use = (count: number): void => {
        store.apply(put(globalNetworkSet('n', { labels: { a: 'b' }, nets: nets(count) })));
      };
      store.apply(put(hostEndpoint('edge')));
      store.apply(put(globalPolicy('p', { ingress: [rule(action, from('a == "b"')), rest] })));
      const others = action === 'Allow' ? 'drop' : 'accept';
      for (let round = 0; round < 2; round++) {
        use(MOST_MEMBERS);
        assert.deepEqual(codes(store), []);
        assert.equal(verdict(store, '192.0.2.0'), atLimit);
        assert.equal(verdict(store, '203.0.113.9'), others);
        use(MOST_MEMBERS + 1);
        assert.deepEqual(codes(store), ['too-many-members: GlobalNetworkPolicy p']);
        assert.equal(verdict(store, '192.0.2.0'), beyond);
        assert.equal(verdict(store, '203.0.113.9'), 'drop');
      }
    }
  });

  it('members of a set that profiles ask for, negated: never opens', () => {
    const store = emptyStore();
    const negated = rule('Allow', { source: entity({ notSelector: selector('a == "b"') }) });
    store.apply(put(hostEndpoint('edge', { profiles: ['web'] })));
    store.apply(put(profile('web', { rules: { ingress: [negated], egress: [] } })));
    store.apply(put(globalNetworkSet('n', { labels: { a: 'b' }, nets: nets(MOST_MEMBERS) })));
    assert.equal(verdict(store, '203.0.113.9'), 'accept');
    assert.equal(verdict(store, '192.0.2.0'), 'drop');
    store.apply(put(globalNetworkSet('n', { labels: { a: 'b' }, nets: nets(MOST_MEMBERS + 1) })));
    assert.equal(verdict(store, '203.0.113.9'), 'drop');
    assert.equal(verdict(store, '192.0.2.0'), 'drop');
    assert.deepEqual(codes(store), ['too-many-members: Profile web']);
  });

  it('rules of an endpoint in one stage: at the limit all are honoured; one more, and what reaches it is denied', () => {
    const idle = rule('Deny', { source: entity({ nets: ['198.51.100.1/32'] }) });
    const many = Array.from({ length: MAX_STAGE_RULES - 1 }, () => idle);
    const allow = rule('Allow', { source: entity({ nets: ['192.0.2.0/24'] }) });
    for (const [rules, expected, problems] of [
      [many, 'accept', []],
      [[...many, idle], 'drop', ['too-many-rules: HostEndpoint edge']],
    ] as const) {
      const store = emptyStore();
      store.apply(put(hostEndpoint('edge')));
      store.apply(put(globalPolicy('first', { order: 1, ingress: rules })));
      store.apply(put(globalPolicy('second', { order: 2, ingress: [allow] })));
      const { policy } = store.resolve();
      const packet = samplePacket({ source: '192.0.2.9' });
      const { denial } = explainPacket({ policy, settings: SETTINGS, packet });
      assert.equal(denial ?? 'accept', expected);
      assert.deepEqual(codes(store), problems);
    }
  });

  it('rules beyond the limit are denied in a tier that only observes, and by nothing that comes after', () => {
    const store = emptyStore();
    const fill = Array.from({ length: MAX_STAGE_RULES + 1 }, () => rule('Log'));
    store.apply(put(tier('default', { enforcement: 'observe' })));
    store.apply(put(tier('later', { order: 2_000_000 })));
    store.apply(put(profile('open', { rules: { ingress: [rule('Allow')], egress: [] } })));
    store.apply(put(hostEndpoint('edge', { profiles: ['open'] })));
    store.apply(put(globalPolicy('much', { ingress: fill, egress: fill })));
    store.apply(put(globalPolicy('late', { tier: 'later', ingress: [rule('Allow')] })));
    assert.equal(verdict(store, '192.0.2.9'), 'drop');
    assert.equal(codes(store).length, 2);
    assert.equal(store.resolve().policy.endpoints[0]?.normal.length, 1);
  });

  it('rules beyond the limit are denied in the kernel as explained, and the other direction is as it was', () => {
    const store = emptyStore();
    const fill = Array.from({ length: MAX_STAGE_RULES }, () => rule('Log'));
    store.apply(put(hostEndpoint('edge')));
    const early = rule('Allow', { source: entity({ nets: ['192.0.2.0/24'] }) });
    store.apply(put(globalPolicy('early', { order: 1, ingress: [early], egress: [] })));
    store.apply(put(globalPolicy('much', { order: 2, ingress: fill, egress: [] })));
    const late = [rule('Allow')];
    store.apply(put(globalPolicy('late', { order: 3, ingress: late, egress: late })));
    assert.equal(verdict(store, '192.0.2.9'), 'accept');
    assert.equal(verdict(store, '203.0.113.9'), 'drop');
    const [endpoint] = store.resolve().policy.endpoints;
    assert.deepEqual(
      endpoint?.normal.flatMap(({ egress }) => egress.map(({ name }) => name)),
      ['early', 'much', 'late'],
    );
  });
});
