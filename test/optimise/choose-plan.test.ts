import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createOptimiser, optimiseRuleset } from '../../src/optimise/optimise.ts';
import { canonicalRuleset } from '../../src/ruleset/canonical.ts';
import { deriveChains } from '../../src/ruleset/derived-chains.ts';
import type { Chain, Match, Rule, Ruleset } from '../../src/ruleset/ruleset.ts';

const POLICIES = 200;

const tcp: Match = { kind: 'l4proto', negated: false, protocols: [6] };
const udp: Match = { kind: 'l4proto', negated: false, protocols: [17] };

function policy(i: number, protocol: Match, ports: readonly number[]): Chain {
  const port: Match = {
    kind: 'port',
    side: 'dport',
    negated: false,
    ports: ports.map((from) => ({ from, to: from })),
  };
  const matches = ports.length === 0 ? [protocol] : [protocol, port];
  const rule: Rule = {
    comment: `rule-${i}`,
    matches,
    statements: [{ kind: 'verdict', verdict: { kind: 'accept' } }],
  };
  return { name: `policy-${i}`, base: null, rules: [rule] };
}

function jump(chain: string): Rule {
  return {
    comment: chain,
    matches: [],
    statements: [{ kind: 'verdict', verdict: { kind: 'jump', chain } }],
  };
}

function anything(comment: string): Rule {
  return { comment, matches: [], statements: [{ kind: 'counter', name: comment }] };
}

function worldOf(): Ruleset {
  const policies = Array.from({ length: POLICIES }, (_, i) => policy(i, tcp, [1000 + i]));
  // Rules for any packet part the tier into two runs, and end it.
  const jumps = policies.map(({ name }) => jump(name));
  const rules = [...jumps.slice(0, 80), anything('middle'), ...jumps.slice(80), anything('end')];
  const tier = { name: 'tier', base: null, rules };
  const input: Chain = {
    name: 'input',
    base: { hook: 'input', priority: 0 },
    rules: [jump('tier')],
  };
  const chains = new Map([...policies, tier, input].map((chain) => [chain.name, chain]));
  return { chains, sets: new Map(), counters: new Set(['middle', 'end']) };
}

// Ports of other policies, of blocks that there are and of new ones.
const ports = fc.oneof(
  fc.integer({ min: 1000, max: 1220 }),
  fc.integer({ min: 20_000, max: 20_200 }),
);
const changes = fc.array(
  fc.array(
    fc.record({
      i: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.nat(POLICIES - 1)),
      protocol: fc.constantFrom(tcp, tcp, tcp, udp),
      ports: fc.oneof(
        { weight: 8, arbitrary: ports.map((port) => [port]) },
        fc.array(ports, { maxLength: 2 }),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  { minLength: 1, maxLength: 12 },
);

describe('plans that follow changes of ports', () => {
  it('are the same as plans made anew', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const optimise = createOptimiser();
        let ruleset = worldOf();
        optimise(ruleset);
        for (const some of all) {
          const changed = some.map((one) => policy(one.i, one.protocol, one.ports));
          const byName = new Map(changed.map((chain) => [chain.name, chain]));
          ruleset = { ...ruleset, chains: deriveChains(ruleset.chains, byName) };
          const fresh = { ...ruleset, chains: structuredClone(new Map(ruleset.chains)) };
          assert.equal(
            canonicalRuleset(optimise(ruleset)),
            canonicalRuleset(optimiseRuleset(fresh)),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});
