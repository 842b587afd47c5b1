import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import { jumpTargets } from '../../src/optimise/control-flow.ts';
import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import type { Policy } from '../../src/resource/resource.ts';
import { canonicalRuleset } from '../../src/ruleset/canonical.ts';
import type { Rule } from '../../src/ruleset/ruleset.ts';
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

/** A host endpoint on each of so many interfaces, one policy for all. */
function policyOfInterfaces(count: number): LocalPolicy {
  const names = Array.from({ length: count }, (_, i) => `eth${i}`);
  const store = new PolicyStore('hosta');
  store.setInterfaces(
    names.map((name) => ({ name, running: true, addresses: [] })),
    () => false,
  );
  for (const name of names) store.apply(put(hostEndpoint(name, { interfaceName: name })));
  const stages = { applyOnForward: true, ingress: [rule('Deny')], egress: [rule('Deny')] };
  store.apply(put(globalPolicy('a', stages)));
  return store.resolve().policy;
}

/** Where maps send the packets of each interface. */
function sentByMap({ statements }: Rule): readonly (readonly [string, string])[] {
  return statements.flatMap((one) =>
    one.kind === 'verdict' && one.verdict.kind === 'dispatch' ? [...one.verdict.chains] : [],
  );
}

/** Where a rule of one interface sends its packets. */
function sentAlone(rule: Rule): readonly (readonly [string, string])[] {
  const names = rule.matches.flatMap((match) =>
    match.kind === 'iifname' || match.kind === 'oifname' ? match.names : [],
  );
  return names.flatMap((name) => jumpTargets(rule).map((chain) => [name, chain] as const));
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
      const targets = (chains.get(name)?.rules ?? []).flatMap(jumpTargets);
      return targets.length === 0 ? 0 : 1 + Math.max(...targets.map(depth));
    };
    const bases = [...chains.values()].filter(({ base }) => base !== null);
    assert.equal(Math.max(...bases.map(({ name }) => depth(name))), 3);
  });

  for (const count of [1, 4, 5, 40]) {
    it(`sends packets of ${count} interfaces on ${count > 4 ? 'by a map' : 'one by one'}`, () => {
      const { chains } = compileRuleset(policyOfInterfaces(count), SETTINGS);
      const bases = [...chains.values()].filter(({ base }) => base !== null);
      const [sent, other] = count > 4 ? [sentByMap, sentAlone] : [sentAlone, sentByMap];
      const input = chains.get('filter-input')?.rules ?? [];
      assert.equal(new Map(input.flatMap(sent)).size, count);
      for (const { name, rules } of bases) assert.deepEqual(rules.flatMap(other), [], name);
    });
  }

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
