import assert from 'node:assert/strict';
import { it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import { jumpTargets } from '../../src/optimise/control-flow.ts';
import { optimiseRuleset } from '../../src/optimise/optimise.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { describeInOwnNamespace } from '../nftables-json/own-namespace.ts';
import { loadRuleset, nft } from '../nftables-json/test-system.ts';
import { hostEndpoint, localPolicy, policy, rule } from '../support/policy-objects.ts';
import { SETTINGS } from '../support/settings.ts';

const many = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const COMMON = { ports: [80], nets: ['10.1.7.0/24'] };

/** Maps of maps of ports and of networks, and behind one key of both more sets than one level of unions takes. */
const policies = [
  ...many(200, (i) => ({ ports: [2000 + i] })),
  ...many(200, (i) => ({ ports: [80], nets: [`10.1.${i}.0/24`] })),
  ...many(300, (i) => ({ ...COMMON, selector: `app == 'app-${i}'` })),
].map(({ ports, ...source }) => [rule('Allow', { source, destination: { ports } })]);

/** For one policy, which comes after all of them: maps of maps of large and small networks, and then the same. */
const deep = [
  ...many(500, (i) => `${10 + Math.floor(i / 250)}.${i % 250}.0.0/16`),
  ...many(200, (i) => `10.7.0.${i}/32`),
  ...many(300, () => '10.7.0.7/32'),
].map((net, i) => {
  const { ports, nets } = COMMON;
  const source = { nets, selector: `app == 'app-${i}'` };
  return rule('Allow', { source, destination: { ports, nets: [net] } });
});

/** The most jumps from a base chain to another one. */
function depth({ chains }: Ruleset): number {
  const below = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = below.get(name);
    if (known !== undefined) return known;
    const targets = (chains.get(name)?.rules ?? []).flatMap(jumpTargets);
    const found = Math.max(0, ...targets.map((target) => 1 + depthOf(target)));
    below.set(name, found);
    return found;
  };
  return Math.max(
    ...[...chains.values()].map(({ name, base }) => (base === null ? 0 : depthOf(name))),
  );
}

describeInOwnNamespace('the deepest ruleset there can be', () => {
  it('is one that the kernel takes', () => {
    const all = [...policies, deep].map((ingress, i) =>
      policy(`p-${1000 + i}`, { ingress, applyOnForward: true }),
    );
    const objects = [hostEndpoint('eth0'), ...all];
    const ruleset = optimiseRuleset(compileRuleset(localPolicy(objects), SETTINGS));
    assert.equal(depth(ruleset), 15);
    loadRuleset(ruleset);
    assert.match(nft('list', 'table', 'inet', 'rampart'), /ip saddr @u-/);
  });
});
