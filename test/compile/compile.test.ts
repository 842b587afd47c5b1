import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import type { Policy } from '../../src/resource/resource.ts';
import { canonicalRuleset } from '../../src/ruleset/canonical.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import {
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  put,
  rule,
  entity,
  selector,
  tier,
} from '../support/resources.ts';
import { SETTINGS } from '../support/settings.ts';

function policyWith(...policies: readonly Policy[]): LocalPolicy {
  const store = new PolicyStore('hosta');
  store.setInterfaces([{ name: 'eth0', running: true, addresses: [] }], () => false);
  for (const resource of [hostEndpoint('edge'), ...policies]) store.apply(put(resource));
  return store.resolve().policy;
}

describe('compileRuleset', () => {
  it('is a function of its arguments, also when the same rules act in another stage', () => {
    const normal = globalPolicy('a', { ingress: [rule('Allow')] });
    const text = (fields: Partial<Policy>): string =>
      canonicalRuleset(compileRuleset(policyWith({ ...normal, ...fields }), SETTINGS));
    const untracked = { doNotTrack: true, applyOnForward: true };
    const fresh = { ...untracked, ingress: [rule('Allow')] };
    assert.doesNotMatch(text({}), /notrack/);
    assert.equal(text(untracked), text(fresh));
    assert.match(text(untracked), /notrack/);
  });

  it('follows the settings', () => {
    const policy = policyWith(
      globalPolicy('a', { ingress: [rule('Deny')], egress: [rule('Deny'), rule('Log')] }),
    );
    const text = (settings: Partial<typeof SETTINGS>): string =>
      canonicalRuleset(compileRuleset(policy, { ...SETTINGS, ...settings }));
    assert.doesNotMatch(text({}), /"reject"/);
    assert.match(text({ denyAction: 'Reject' }), /"reject"/);
    assert.match(text({ denyAction: 'Reject' }), /drop-egress\/gnp\/a/);
    assert.match(text({ logPrefix: 'x%n' }), /"xa: "/);
    assert.doesNotMatch(text({ disableConntrackInvalidCheck: true }), /"invalid"/);
    assert.match(text({ markMask: 0xc }), /"keep":4294967283/);
    assert.match(text({ failsafeInbound: [] }), /failsafe\/egress/);
    assert.doesNotMatch(text({ failsafeInbound: [] }), /failsafe\/ingress/);
    assert.match(text({ neighbourDiscoveryKeepAlive: true }), /neighbour discovery/);
    assert.match(text({ ipv6Support: false }), /IPv6 is not policed/);
  });

  it('never jumps deeper than three levels, however many tiers there are', () => {
    const policies = Array.from({ length: 40 }, (_, i) =>
      globalPolicy(`p${i}`, {
        tier: `t${i}`,
        applyOnForward: true,
        ingress: [rule('Pass'), rule('Log')],
      }),
    );
    const { chains } = compileRuleset(policyWith(...policies), SETTINGS);
    const depth = (name: string): number => {
      const targets = (chains.get(name)?.rules ?? []).flatMap(({ statements }) =>
        statements.flatMap((statement) => {
          if (statement.kind !== 'verdict') return [];
          const { verdict } = statement;
          if (verdict.kind === 'jump' || verdict.kind === 'goto') return [verdict.chain];
          return verdict.kind === 'dispatch' ? [...verdict.chains.values()] : [];
        }),
      );
      return targets.length === 0 ? 0 : 1 + Math.max(...targets.map(depth));
    };
    const bases = [...chains.values()].filter(({ base }) => base !== null);
    assert.equal(Math.max(...bases.map(({ name }) => depth(name))), 3);
  });

  it('gives a set another name when its kind changes, and rewrites the rules that use it', () => {
    const store = new PolicyStore('hosta');
    store.setInterfaces([{ name: 'eth0', running: true, addresses: [] }], () => false);
    const source = entity({ selector: selector('has(a)') });
    const objects = [
      hostEndpoint('edge'),
      tier('default'),
      globalPolicy('p', { ingress: [rule('Allow', { source })] }),
      globalNetworkSet('n', { labels: { a: '' }, nets: ['10.0.0.1/32'] }),
    ];
    for (const object of objects) store.apply(put(object));
    const before = compileRuleset(store.resolve().policy, SETTINGS);
    store.apply(put(globalNetworkSet('n', { labels: { a: '' }, nets: ['10.0.0.0/24'] })));
    const after = compileRuleset(store.resolve().policy, SETTINGS);
    const kinds = ({ sets }: typeof before): readonly string[] =>
      Array.from(sets.values(), ({ kind }) => kind).sort();
    assert.deepEqual(kinds(before), ['hash', 'hash']);
    assert.deepEqual(kinds(after), ['hash', 'interval']);
    for (const { chains, sets } of [before, after]) {
      const used = JSON.stringify(chains.get('ingress/gnp/p'));
      for (const name of sets.keys()) assert.ok(used.includes(`"${name}"`), name);
    }
  });
});
