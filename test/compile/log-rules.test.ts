import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import type { Match, Ruleset } from '../../src/ruleset/ruleset.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Rule as PolicyRule } from '../../src/resource/rule.ts';
import { entity, globalPolicy, hostEndpoint, put, rule } from '../support/resources.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { samplePacket } from '../support/sample-packet.ts';
import { SETTINGS } from '../support/settings.ts';

const LIMIT = { rate: 5, per: 'minute', burst: 5 } as const;

function compiled(rules: readonly PolicyRule[]): Ruleset {
  const store = new PolicyStore('hosta');
  store.setInterfaces([{ name: 'eth0', running: true, addresses: [] }], () => false);
  store.apply(put(hostEndpoint('edge')));
  store.apply(put(globalPolicy('p', { ingress: rules })));
  return compileRuleset(store.resolve().policy, { ...SETTINGS, logRateLimit: LIMIT });
}

/** The kinds of matches of every rule that counts for rule `index` of the policy. */
function matchesOf({ chains }: Ruleset, index: number): readonly (readonly Match['kind'][])[] {
  const counter = `ingress/gnp/p/${index}`;
  return [...chains.values()]
    .flatMap(({ rules }) => rules)
    .filter(({ statements }) =>
      statements.some((one) => one.kind === 'counter' && one.name === counter),
    )
    .map(({ matches }) => matches.map(({ kind }) => kind));
}

describe('LogActionRateLimit', () => {
  const rules = (['Log', 'Pass', 'Deny', 'Allow'] as const).map((one) =>
    rule(one, { protocol: 6 }),
  );
  const ruleset = compiled(rules);

  it('stands behind what a Log rule matches, so that other packets do not use it up', () => {
    assert.deepEqual(matchesOf(ruleset, 0), [['l4proto', 'limit']]);
  });

  it('never limits what decides', () => {
    for (const index of [1, 2, 3]) assert.deepEqual(matchesOf(ruleset, index), [['l4proto']]);
  });
});

describe('a Log rule', () => {
  it('logs a packet once, however many rules of nftables it takes', () => {
    const store = new PolicyStore('hosta');
    const ports = [{ name: 'web', protocol: 6, port: 8055 }];
    const both = { numeric: [{ from: 8000, to: 9000 }], named: ['web'] };
    const log = rule('Log', { protocol: 6, destination: entity({ ports: both }) });
    store.setInterfaces([{ name: 'eth0', running: true, addresses: [] }], () => false);
    store.apply(put(hostEndpoint('edge', { expectedIPs: ['10.0.1.1'], ports })));
    store.apply(put(globalPolicy('p', { ingress: [log] })));
    const ruleset = compileRuleset(store.resolve().policy, SETTINGS);
    assert.equal(matchesOf(ruleset, 0).length, 4);
    const counters = evaluateRuleset(ruleset, samplePacket()).hits.flatMap((hit) => hit.counters);
    assert.deepEqual(
      counters.filter((name) => name === 'ingress/gnp/p/0'),
      ['ingress/gnp/p/0'],
    );
  });
});
