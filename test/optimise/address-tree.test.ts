import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createOptimiser, optimiseRuleset } from '../../src/optimise/optimise.ts';
import { LiveMembers } from '../../src/policy/live-members.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Chain, NamedSet, Rule, Ruleset } from '../../src/ruleset/ruleset.ts';
import { samplePacket } from '../support/sample-packet.ts';

/** Policies of one port, each for the addresses of one set. */
interface Policies {
  /** The sets, by the policy's place. */
  readonly sets: readonly number[];
  readonly members: ReadonlyMap<number, LiveMembers>;
}

function policies(count: number, setOf: (i: number) => number = (i) => i): Policies {
  const sets = Array.from({ length: count }, (_, i) => setOf(i));
  const members = new Map(sets.map((set) => [set, new LiveMembers()]));
  for (const [set, live] of members) live.add(address(set));
  return { sets, members };
}

function address(set: number): string {
  return `10.${set >> 8}.${set & 255}.1`;
}

function rulesetOf({ sets, members }: Policies): Ruleset {
  const chains = new Map<string, Chain>();
  const add = (name: string, rules: readonly Rule[], base: Chain['base'] = null): Rule => {
    chains.set(name, { name, base, rules });
    return { comment: name, matches: [], statements: [jump(name)] };
  };
  const jumps = sets.map((set, i) =>
    add(`policy-${set}-${sets.slice(0, i).filter((one) => one === set).length}`, [
      {
        comment: `policy ${set}`,
        matches: [
          { kind: 'address-set', side: 'saddr', family: 4, negated: false, set: `s-${set}-4` },
        ],
        statements: [{ kind: 'verdict', verdict: { kind: 'accept' } }],
      },
    ]),
  );
  const end: Rule = {
    comment: 'end',
    matches: [],
    statements: [{ kind: 'verdict', verdict: { kind: 'drop' } }],
  };
  add('input', [add('tier', jumps), end], { hook: 'input', priority: 0 });
  const named = Array.from(members, ([set, live]): [string, NamedSet] => {
    const name = `s-${set}-4`;
    return [name, { name, family: 4, kind: 'hash', elements: live.view() }];
  });
  return { chains, sets: new Map(named), counters: new Set() };
}

function jump(chain: string): Rule['statements'][number] {
  return { kind: 'verdict', verdict: { kind: 'jump', chain } };
}

/** How often a packet from there is looked for in a set, and what becomes of it. */
function judge(
  ruleset: Ruleset,
  source: string,
): { readonly lookups: number; readonly verdict: string } {
  let lookups = 0;
  const sets = new Map(
    Array.from(ruleset.sets, ([name, set]) => {
      const elements = Object.assign(Object.create(set.elements) as NamedSet['elements'], {
        has: (element: string) => {
          lookups++;
          return set.elements.has(element);
        },
      });
      return [name, { ...set, elements }];
    }),
  );
  const { verdict } = evaluateRuleset({ ...ruleset, sets }, samplePacket({ source }));
  return { lookups, verdict };
}

describe('unions of sets', () => {
  const many = policies(10_000);

  it('let a packet meet few of ten thousand policies of one port', () => {
    const ruleset = optimiseRuleset(rulesetOf(many));
    const stranger = judge(ruleset, '192.0.2.1');
    assert.equal(stranger.verdict, 'drop');
    assert.ok(stranger.lookups < 12, `${stranger.lookups} for a stranger`);
    for (const set of [0, 4_321, 9_999]) {
      const known = judge(ruleset, address(set));
      assert.equal(known.verdict, 'accept');
      assert.ok(known.lookups < 80, `${known.lookups} for a member of set ${set}`);
    }
  });

  it('are one element each when an address joins or leaves a set', () => {
    const optimise = createOptimiser();
    const { chains } = rulesetOf(many);
    let before = optimise({ ...rulesetOf(many), chains });
    for (const change of ['add', 'remove'] as const) {
      many.members.get(4_321)?.[change]('10.200.0.1');
      const after = optimise({ ...rulesetOf(many), chains });
      const transaction = diffRulesets({ kind: 'known', ruleset: before }, after, true);
      assert.ok(transaction.length <= 5, `${transaction.length} steps`);
      for (const step of transaction) {
        assert.ok('elements' in step);
        assert.deepEqual([...step.elements], ['10.200.0.1']);
      }
      before = after;
    }
  });

  it('are written anew in small parts when one policy comes or goes', () => {
    const { sets, members } = policies(2_000);
    const optimise = createOptimiser();
    const all = optimise(rulesetOf({ sets, members }));
    const fewer = optimise(rulesetOf({ sets: sets.filter((set) => set !== 777), members }));
    for (const [known, desired] of [
      [all, fewer],
      [fewer, all],
    ] as const) {
      const transaction = diffRulesets({ kind: 'known', ruleset: known }, desired, true);
      assert.ok(transaction.length < 100, `${transaction.length} steps`);
    }
  });

  it('serve every list of the same sets', () => {
    const { sets, members } = policies(400, (i) => i % 100);
    const ruleset = optimiseRuleset(rulesetOf({ sets, members }));
    const unions = [...ruleset.sets.keys()].filter((name) => name.startsWith('u-'));
    assert.ok(unions.length < 40, `${unions.length} unions`);
  });

  it('leave short lists alone', () => {
    const ruleset = rulesetOf(policies(7));
    assert.equal(optimiseRuleset(ruleset).sets, ruleset.sets);
  });
});
