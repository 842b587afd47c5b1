import assert from 'node:assert/strict';
import fc from 'fast-check';
import { it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type { EntityRule, PortRange, Rule } from '../../src/resource/rule.ts';
import { MAX_EXPRESSIONS, expressionCount } from '../support/expression-count.ts';
import { entity, globalPolicy, hostEndpoint, put, rule, selector } from '../support/resources.ts';
import { SETTINGS } from '../support/settings.ts';

const FLAGS = [
  {},
  { doNotTrack: true, applyOnForward: true },
  { preDNAT: true, applyOnForward: true },
  { applyOnForward: true },
] as const;

/** The most expressions that a rule of nftables has when a policy rule stands in each stage. */
function widest(wide: Rule): number {
  const store = new PolicyStore('hosta');
  store.setInterfaces([{ name: 'eth0', running: true, addresses: [] }], () => false);
  store.apply(put(hostEndpoint('edge')));
  for (const [i, flags] of FLAGS.entries()) {
    store.apply(put(globalPolicy(`p${i}`, { ...flags, ingress: [wide], egress: [wide] })));
  }
  const { chains } = compileRuleset(store.resolve().policy, {
    ...SETTINGS,
    logRateLimit: { rate: 5, per: 'minute', burst: 5 },
  });
  const counts = [...chains.values()].flatMap(({ rules }) => rules.map(expressionCount));
  assert.ok(counts.length > 8);
  return Math.max(...counts);
}

/** How long each list of a rule is. */
interface Widths {
  readonly nets: number;
  readonly ranges: number;
  readonly names: number;
}

/** A rule with every condition that one rule can carry, and lists as long as asked for. */
function wideRule(action: Rule['action'], widths: Widths): Rule {
  const of = (side: number): EntityRule => wideEntity(side, widths);
  return rule(action, {
    protocol: 6,
    notProtocol: 17,
    notICMP: { type: 8, code: 1 },
    source: of(0),
    destination: of(1),
  });
}

function wideEntity(side: number, { nets, ranges, names }: Widths): EntityRule {
  const both = (third: number): readonly string[] =>
    numbers(nets).flatMap((i) => [
      `10.${side}.${third + (i >> 8)}.${i & 255}/32`,
      `fd00:${side}:${third}:${i.toString(16)}::/64`,
    ]);
  const ports = (from: number): { numeric: readonly PortRange[]; named: readonly string[] } => ({
    numeric: numbers(ranges).map((i) => ({ from: from + i * 3, to: from + i * 3 + 1 })),
    named: numbers(names).map((i) => `p${from}-${i}`),
  });
  return entity({
    nets: both(0),
    notNets: both(100),
    selector: selector(`has(a${side})`),
    notSelector: selector(`has(b${side})`),
    ports: ports(1000),
    notPorts: ports(20_000),
  });
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

describe('compileRuleset', () => {
  it('never makes a rule with more expressions than the kernel takes, however long its lists', () => {
    const width = fc.integer({ min: 0, max: 200 });
    const actions = fc.constantFrom('Allow', 'Deny', 'Pass', 'Log');
    fc.assert(
      fc.property(actions, width, width, width, (action, nets, ranges, names) => {
        assert.ok(widest(wideRule(action, { nets, ranges, names })) <= MAX_EXPRESSIONS);
      }),
      { numRuns: 40 },
    );
  });
});
