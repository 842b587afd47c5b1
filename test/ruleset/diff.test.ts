import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { compileRuleset } from '../../src/compile/compile.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import { LiveMembers } from '../../src/policy/live-members.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { canonicalChain } from '../../src/ruleset/canonical.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import type { Chain, NamedSet, Rule, Ruleset } from '../../src/ruleset/ruleset.ts';
import { NODE, worlds } from '../support/random-policy.ts';
import type { World } from '../support/random-policy.ts';
import { put, remove } from '../support/resources.ts';
import { SETTINGS } from '../support/settings.ts';

const INTERFACES = ['eth0', 'eth1', 'lo'].map((name) => ({ name, running: true, addresses: [] }));

/** What a table holds, as comparable text. */
function contentsText(nftables: MemoryNftables): string {
  const { chains, sets, counters } = nftables.contents();
  return rulesetText({
    chains,
    sets: new Map(
      [...sets].map(([name, set]) => [name, { ...set, elements: fixedElements(set.elements) }]),
    ),
    counters,
  });
}

function rulesetText({ chains, sets, counters }: Ruleset): string {
  return JSON.stringify([
    [...chains.values()].map(canonicalChain).sort(),
    [...sets.values()]
      .map(({ name, kind, family, elements }) => [name, kind, family, [...elements].sort()])
      .map((one) => JSON.stringify(one))
      .sort(),
    [...counters].sort(),
  ]);
}

/** Turns one world into the other, object by object. */
function move(store: PolicyStore, from: World | null, to: World): void {
  for (const resource of from?.resources ?? []) store.apply(remove(resource));
  for (const resource of to.resources) store.apply(put(resource));
}

function newStore(): PolicyStore {
  const store = new PolicyStore(NODE);
  store.setInterfaces(INTERFACES, () => false);
  return store;
}

describe('diffRulesets', () => {
  it('promise 3: each transaction turns what is programmed into what is wanted, and lands whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(worlds, { minLength: 2, maxLength: 4 }),
        fc.boolean(),
        async (sequence, edits) => {
          const nftables = new MemoryNftables();
          const store = newStore();
          let programmed: Parameters<typeof diffRulesets>[0] = { kind: 'absent' };
          let previous: World | null = null;
          for (const world of sequence) {
            move(store, previous, world);
            const ruleset = compileRuleset(store.resolve().policy, SETTINGS);
            const transaction = diffRulesets(programmed, ruleset, edits);
            if (transaction.length > 0) await nftables.apply(transaction);
            assert.equal(contentsText(nftables), rulesetText(ruleset));
            programmed = { kind: 'known', ruleset };
            assert.deepEqual(diffRulesets(programmed, ruleset), []);
            previous = world;
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('promise 5: a table left by another process becomes the wanted one in one transaction', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, worlds, async (left, wanted) => {
        const nftables = new MemoryNftables();
        const [before, after] = [newStore(), newStore()];
        move(before, null, left);
        move(after, null, wanted);
        await nftables.apply(
          diffRulesets({ kind: 'absent' }, compileRuleset(before.resolve().policy, SETTINGS)),
        );
        const inventory = await nftables.read();
        assert.ok(inventory !== null);
        const ruleset = compileRuleset(after.resolve().policy, SETTINGS);
        await nftables.apply(diffRulesets({ kind: 'found', inventory }, ruleset));
        assert.equal(contentsText(nftables), rulesetText(ruleset));
      }),
      { numRuns: 60 },
    );
  });

  it('promise 4: removes what others put into the table, in any state it was left', async () => {
    const nftables = new MemoryNftables();
    const drop = {
      comment: 'x',
      matches: [],
      statements: [{ kind: 'verdict', verdict: { kind: 'drop' } }],
    } as const;
    await nftables.apply([
      { op: 'add-table' },
      { op: 'add-counter', name: 'foreign' },
      {
        op: 'add-elements',
        set: { name: 'foreign', family: 4, kind: 'hash' },
        elements: ['10.0.0.1'],
      },
      { op: 'add-chain', name: 'foreign', base: { hook: 'input', priority: -10 } },
      { op: 'add-rule', chain: 'foreign', rule: drop },
      { op: 'add-chain', name: 'filter-input', base: { hook: 'input', priority: 7 } },
      { op: 'add-rule', chain: 'filter-input', rule: drop },
    ]);
    const inventory = await nftables.read();
    assert.ok(inventory !== null);
    const ruleset = compileRuleset(newStore().resolve().policy, SETTINGS);
    await nftables.apply(diffRulesets({ kind: 'found', inventory }, ruleset));
    assert.equal(contentsText(nftables), rulesetText(ruleset));
  });

  const set = (elements: readonly string[]): NamedSet => ({
    name: 's-4',
    family: 4,
    kind: 'hash',
    elements: fixedElements(elements),
  });
  const withSets = (...sets: readonly NamedSet[]): Ruleset => ({
    chains: new Map<string, Chain>(),
    sets: new Map(sets.map((one) => [one.name, one])),
    counters: new Set(),
  });

  it('replaces a set whose history it does not know', () => {
    const transaction = diffRulesets(
      { kind: 'known', ruleset: withSets(set(['10.0.0.1'])) },
      withSets(set(['10.0.0.2'])),
    );
    assert.deepEqual(
      transaction.map(({ op }) => op),
      ['flush-set', 'add-elements'],
    );
  });

  it('deletes and adds single elements where that costs little', () => {
    const members = new LiveMembers();
    for (let i = 0; i < 5; i++) members.add(`10.0.0.${i}`);
    const before = withSets({ ...set([]), elements: members.view() });
    members.remove('10.0.0.1');
    members.add('10.0.0.9');
    const after = withSets({ ...set([]), elements: members.view() });
    const known = { kind: 'known', ruleset: before } as const;
    assert.deepEqual(
      diffRulesets(known, after, true).map((one) =>
        'elements' in one ? [one.op, ...one.elements] : [],
      ),
      [
        ['delete-elements', '10.0.0.1'],
        ['add-elements', '10.0.0.9'],
      ],
    );
    assert.deepEqual(
      diffRulesets(known, after, false).map(({ op }) => op),
      ['flush-set', 'add-elements'],
    );
  });

  it('makes a large interval set anew that is replaced, and writes again what refers to it', async () => {
    const nets = (first: number): readonly string[] =>
      Array.from({ length: 5_000 }, (_, i) => `${first}.${i >> 8}.${i & 255}.0/24`);
    const large = (first: number): NamedSet => ({
      ...{ name: 's-4i', family: 4, kind: 'interval' },
      elements: fixedElements(nets(first)),
    });
    const chain = (name: string, matches: Rule['matches']): Chain => ({
      ...{ name, base: null },
      rules: [{ comment: name, matches, statements: [{ kind: 'counter', name: 'c' }] }],
    });
    const asks = {
      kind: 'address-set',
      side: 'saddr',
      family: 4,
      negated: false,
      set: 's-4i',
    } as const;
    const chains = new Map(
      [chain('asks', [asks]), chain('other', [])].map((one) => [one.name, one] as const),
    );
    const counters = new Set(['c']);
    const before = { chains, counters, sets: withSets(large(10)).sets };
    const after = { chains, counters, sets: withSets(large(11)).sets };
    const transaction = diffRulesets({ kind: 'known', ruleset: before }, after, true);
    assert.deepEqual(
      transaction.map(({ op }) => op),
      ['flush-chain', 'delete-set', 'add-elements', 'add-rule'],
    );
    const nftables = new MemoryNftables();
    await nftables.apply(diffRulesets({ kind: 'absent' }, before));
    await nftables.apply(transaction);
    assert.equal(contentsText(nftables), rulesetText(after));
  });

  it('keeps a counter that stays, so that its count goes on', () => {
    const counted = (...names: readonly string[]): Ruleset => ({
      ...withSets(),
      counters: new Set(names),
    });
    assert.deepEqual(
      diffRulesets({ kind: 'known', ruleset: counted('a', 'b') }, counted('b', 'c')),
      [
        { op: 'add-counter', name: 'c' },
        { op: 'delete-counter', name: 'a' },
      ],
    );
  });
});
