import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { branchChain } from '../../src/optimise/branch.ts';
import { optimiseRuleset } from '../../src/optimise/optimise.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type {
  Chain,
  Match,
  NamedSet,
  Rule,
  Ruleset,
  Statement,
} from '../../src/ruleset/ruleset.ts';
import { packets } from '../support/random-policy.ts';
import { ADDRESSES, NETS, PORTED, PORTS } from '../support/random-rule.ts';
import { samplePacket } from '../support/sample-packet.ts';

type Family = 4 | 6;

/** How many sets a family has: each address in some of them, one with a network in it, one with nothing. */
const SETS_EACH = 17;

const SETS: readonly NamedSet[] = ([4, 6] as const).flatMap((family) =>
  Array.from({ length: SETS_EACH }, (_, i): NamedSet => {
    const elements = ADDRESSES[family].filter((_address, j) => (i >> j) % 2 === 1);
    const hasNet = i === SETS_EACH - 1;
    return {
      name: `s-${i}-${family}`,
      family,
      kind: hasNet ? 'interval' : 'hash',
      elements: fixedElements(hasNet ? NETS[family].slice(0, 1) : elements),
    };
  }),
);

const ACCEPT: Statement = { kind: 'verdict', verdict: { kind: 'accept' } };

const rarely = fc.integer({ min: 0, max: 30 }).map((roll) => roll === 0);
const side = fc.constantFrom('saddr' as const, 'daddr' as const);

const addresses = (family: Family): fc.Arbitrary<Match> =>
  fc.record({
    kind: fc.constant('address' as const),
    side,
    family: fc.constant(family),
    negated: rarely,
    nets: fc.uniqueArray(
      fc.constantFrom(...NETS[family].filter((net) => !net.endsWith('/0')), ...ADDRESSES[family]),
      { minLength: 1, maxLength: 3 },
    ),
  });

const members = (family: Family, of: fc.Arbitrary<'saddr' | 'daddr'>): fc.Arbitrary<Match> =>
  fc.record({
    kind: fc.constant('address-set' as const),
    side: of,
    family: fc.constant(family),
    negated: rarely,
    set: fc.integer({ min: 0, max: SETS_EACH - 1 }).map((i) => `s-${i}-${family}`),
  });

const ports: fc.Arbitrary<Match> = fc.record({
  kind: fc.constant('port' as const),
  side: rarely.map((isSource) => (isSource ? ('sport' as const) : ('dport' as const))),
  negated: rarely,
  ports: fc.array(
    fc
      .tuple(
        fc.oneof(fc.constantFrom(...PORTS), fc.integer({ min: 8000, max: 8100 })),
        fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.constantFrom(1, 5, 60)),
      )
      .map(([from, length]) => ({ from, to: from + length })),
    { minLength: 1, maxLength: 2 },
  ),
});

const services: fc.Arbitrary<readonly Match[]> = fc
  .tuple(fc.subarray([...PORTED], { minLength: 1, maxLength: 2 }), ports)
  .map(([protocols, port]) => [{ kind: 'l4proto', negated: false, protocols }, port]);

const nets: fc.Arbitrary<readonly Match[]> = fc
  .constantFrom<Family>(4, 6)
  .chain((family) =>
    fc.tuple(
      addresses(family),
      fc.oneof(
        fc.constant([]),
        services,
        addresses(family).map((one) => [one]),
      ),
    ),
  )
  .map(([first, more]) => [first, ...more]);

const pods = (of = side): fc.Arbitrary<readonly Match[]> =>
  fc
    .constantFrom<Family>(4, 6)
    .chain((family) => fc.tuple(members(family, of), fc.oneof(fc.constant([]), services)))
    .map(([first, more]) => [...more, first]);

const PODS = (['saddr', 'daddr'] as const).map((one) => pods(fc.constant(one)));

const anything: fc.Arbitrary<readonly Match[]> = fc.oneof(
  services,
  nets,
  pods(),
  fc.constantFrom<readonly Match[]>(
    [],
    [{ kind: 'icmp', family: 4, field: 'type', negated: false, values: [8] }],
    [{ kind: 'l4proto', negated: false, protocols: [17] }],
  ),
);

const DROP: Statement = { kind: 'verdict', verdict: { kind: 'drop' } };
const usual: fc.Arbitrary<readonly Statement[]> = fc.constantFrom<readonly Statement[]>(
  [ACCEPT],
  [ACCEPT],
  [DROP],
  [{ kind: 'log', prefix: 'seen ' }],
  [{ kind: 'mark', keep: 0xffffffff, set: 1 }],
);
const bound: fc.Arbitrary<readonly Statement[]> = fc.constantFrom<readonly Statement[]>(
  [{ kind: 'verdict', verdict: { kind: 'return' } }],
  [{ kind: 'verdict', verdict: { kind: 'goto', chain: 'leaf' } }],
);

type Draft = Pick<Rule, 'matches' | 'statements'>;
/** Rules of a tier: its own, or a policy's, which are jumped to. */
type Tier = readonly (Draft | readonly Draft[])[];

const tiers: fc.Arbitrary<Tier> = fc.constantFrom(services, nets, ...PODS).chain((matches) => {
  const statements = fc.oneof({ weight: 30, arbitrary: usual }, bound);
  const common = fc.record({ matches, statements });
  const odd = fc.record({ matches: anything, statements: fc.oneof(usual, bound) });
  const entry = fc.oneof(
    { weight: 20, arbitrary: common },
    { weight: 20, arbitrary: fc.array(common, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: odd },
    { weight: 1, arbitrary: fc.array(odd, { minLength: 1, maxLength: 12 }) },
  );
  return fc.array(entry, { minLength: 15, maxLength: 60, size: 'max' });
});

// Every rule has a counter of its own.
const rulesets: fc.Arbitrary<Ruleset> = fc.tuple(tiers, tiers).map(rulesetOf);

function rulesetOf(stages: readonly Tier[]): Ruleset {
  const chains = new Map<string, Chain>();
  const counters = new Set<string>();
  const add = (name: string, rules: readonly Rule[], base: Chain['base'] = null): Rule => {
    chains.set(name, { name, base, rules });
    const verdict = { kind: 'jump', chain: name } as const;
    return { comment: name, matches: [], statements: [{ kind: 'verdict', verdict }] };
  };
  const counted = ({ matches: conditions, statements }: Draft, name: string): Rule => {
    counters.add(name);
    const counter = { kind: 'counter', name } as const;
    return { comment: name, matches: conditions, statements: [counter, ...statements] };
  };
  const jumps = stages.map((tier, t) =>
    add(
      `tier-${t}`,
      tier.map((entry, i) =>
        'matches' in entry
          ? counted(entry, `${t}/${i}`)
          : add(
              `policy-${t}-${i}`,
              entry.map((draft, j) => counted(draft, `${t}/${i}/${j}`)),
            ),
      ),
    ),
  );
  add('leaf', [counted({ matches: [], statements: [] }, 'leaf')]);
  add('input', [...jumps, counted({ matches: [], statements: [] }, 'end')], {
    hook: 'input',
    priority: 0,
  });
  return { chains, sets: new Map(SETS.map((set) => [set.name, set])), counters };
}

function policyRuleset(rules: readonly Draft[]): Ruleset {
  return rulesetOf([rules.map((rule) => [rule])]);
}

function service(port: number, source: readonly Match[] = []): Draft {
  return {
    matches: [
      { kind: 'l4proto', negated: false, protocols: [6] },
      { kind: 'port', side: 'dport', negated: false, ports: [{ from: port, to: port }] },
      ...source,
    ],
    statements: [ACCEPT],
  };
}

function from(net: string): Match {
  return { kind: 'address', side: 'saddr', family: 4, negated: false, nets: [net] };
}

function hasBranch({ chains }: Ruleset): boolean {
  return [...chains.values()].some(({ rules }) =>
    rules.some(({ statements }) =>
      statements.some((one) => one.kind === 'verdict' && one.verdict.kind === 'branch'),
    ),
  );
}

function hasUnion({ sets }: Ruleset): boolean {
  return [...sets.keys()].some((name) => name.startsWith('u-'));
}

/** How many rules the packet meets, matching or not. */
function walked(ruleset: Ruleset, packet = samplePacket({})): number {
  let count = 0;
  const chains = new Map(
    [...ruleset.chains].map(([name, chain]) => {
      const rules = chain.rules.map((rule): Rule => ({
        ...rule,
        get matches() {
          count++;
          return rule.matches;
        },
      }));
      return [name, { ...chain, rules }] as const;
    }),
  );
  evaluateRuleset({ ...ruleset, chains }, packet);
  return count;
}

function moved(ruleset: Ruleset, packet: Parameters<typeof evaluateRuleset>[1]): unknown {
  const evaluation = evaluateRuleset(ruleset, packet);
  if (evaluation.verdict === 'unsupported') return evaluation;
  const { verdict, mark, tracked, hits } = evaluation;
  return { verdict, mark, tracked, counters: hits.flatMap(({ counters }) => counters) };
}

describe('verdict maps in place of lists of rules', () => {
  it('change no verdict, no mark, no count, and the order of none', () => {
    let branched = 0;
    let united = 0;
    const samples = fc.array(packets, { minLength: 10, maxLength: 30 });
    fc.assert(
      fc.property(rulesets, samples, (ruleset, many) => {
        const cheaper = optimiseRuleset(ruleset);
        if (hasBranch(cheaper)) branched++;
        if (hasUnion(cheaper)) united++;
        for (const packet of many) {
          const input = { ...packet, path: 'input', iifname: 'eth0', oifname: '' } as const;
          assert.deepEqual(moved(cheaper, input), moved(ruleset, input));
        }
      }),
      { numRuns: Number(process.env['AGREEMENT_RUNS'] ?? 60) },
    );
    assert.ok(branched > 5, `${branched} rulesets had a branch`);
    assert.ok(united > 5, `${united} rulesets had a union`);
  }).timeout(20_000);

  it('make a packet meet few of ten thousand policies', () => {
    const rules = Array.from({ length: 10_000 }, (_, i) => service(1000 + i));
    const packet = samplePacket({ destinationPort: 8000 });
    assert.ok(walked(optimiseRuleset(policyRuleset(rules)), packet) < 10);
  });

  it('tell policies of one port apart by their networks', () => {
    const rules = Array.from({ length: 5_000 }, (_, i) =>
      service(80, [from(`10.${i >> 8}.${i & 255}.0/24`)]),
    );
    const packet = samplePacket({ destinationPort: 80, source: '10.3.9.1' });
    assert.ok(walked(optimiseRuleset(policyRuleset(rules)), packet) < 12);
  });

  it('leave rules that may be for any packet in their place', () => {
    const log: Draft = { matches: [], statements: [{ kind: 'log', prefix: 'all' }] };
    const some = (first: number): readonly Draft[] =>
      Array.from({ length: 20 }, (_, i) => service(first + i));
    const ruleset = policyRuleset([...some(100), log, ...some(100)]);
    const { chains } = optimiseRuleset(ruleset);
    const kinds = chains
      .get('tier-0')
      ?.rules.map(({ statements: [only] }) => (only?.kind === 'verdict' ? only.verdict.kind : ''));
    assert.deepEqual(kinds, ['branch', 'jump', 'branch']);
  });

  it('leave a rule with a limit of its own where it is', () => {
    const limit: Match = { kind: 'limit', rate: 1, per: 'second', burst: 1 };
    const { matches: conditions } = service(80);
    const rules: Rule[] = Array.from({ length: 30 }, (_, i) => ({
      comment: '',
      ...service(i + 1),
    }));
    rules.splice(10, 0, { comment: '', matches: [...conditions, limit], statements: [ACCEPT] });
    const { chain } = branchChain(
      { name: 'tier', base: null, rules },
      { chains: new Map(), sets: new Map() },
    );
    assert.deepEqual(chain.rules[1], rules[10]);
  });

  it('leave short lists alone', () => {
    const ruleset = policyRuleset(Array.from({ length: 7 }, (_, i) => service(i + 1)));
    assert.equal(optimiseRuleset(ruleset).chains.get('tier-0'), ruleset.chains.get('tier-0'));
  });

  it('are written anew in small parts when one policy comes or goes', () => {
    const rules = Array.from({ length: 2_000 }, (_, i) => service(1000 + i));
    const before = optimiseRuleset(policyRuleset(rules.slice(0, 1_999)));
    const after = optimiseRuleset(policyRuleset(rules));
    for (const [known, desired] of [
      [before, after],
      [after, before],
    ] as const) {
      const transaction = diffRulesets({ kind: 'known', ruleset: known }, desired);
      assert.ok(transaction.length < 10, `${transaction.length} steps`);
    }
  });
});
