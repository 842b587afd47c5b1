import assert from 'node:assert/strict';
import { it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import { describeInOwnNamespace } from '../nftables-json/own-namespace.ts';
import { loadRuleset, nft } from '../nftables-json/test-system.ts';
import {
  type EntitySketch,
  hostEndpoint,
  localPolicy,
  policy,
  rule,
  type RuleSketch,
} from '../support/policy-objects.ts';
import { SETTINGS } from '../support/settings.ts';

const many = <T>(make: (i: number) => T): readonly T[] =>
  Array.from({ length: 100 }, (_, i) => make(i));
const nets = (byte: number): readonly string[] => [
  ...many((i) => `10.${byte}.${i}.0/25`),
  ...many((i) => `2001:db8:${byte}:${i}::/64`),
];
const named = many((i) => `port-${i}`);

/** Every condition that one side of a rule can have, all of them long. */
const side: EntitySketch = {
  nets: nets(1),
  notNets: nets(2),
  selector: "has(a) && b == 'c'",
  notSelector: "d not in {'e', 'f'}",
  ports: [...many((i) => i * 100), ...named],
  notPorts: [...many((i) => i * 100 + 7), ...named.map((name) => `not-${name}`)],
};
const wide: RuleSketch = {
  protocol: 6,
  notProtocol: 17,
  notICMP: { type: 8, code: 0 },
  source: side,
  destination: side,
};

describeInOwnNamespace('the widest rule there can be', () => {
  for (const action of ['Allow', 'Deny', 'Log'] as const)
    it(`is one that the kernel takes (${action})`, () => {
      const rules = [rule(action, wide)];
      const objects = [
        hostEndpoint('eth0'),
        policy('normal', { ingress: rules, egress: rules, applyOnForward: true }),
        policy('before', { ingress: rules, preDNAT: true }),
        policy('untracked', { ingress: rules, egress: rules, doNotTrack: true }),
      ];
      const ruleset = compileRuleset(localPolicy(objects), SETTINGS);
      loadRuleset(ruleset);
      const listed = nft('list', 'table', 'inet', 'rampart');
      assert.ok((listed.match(/ip6 saddr != @s-/g) ?? []).length > 0, listed);
    });
});
