import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import { canonicalChain } from '../../src/ruleset/canonical.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import type { Programmed } from '../../src/ruleset/diff.ts';
import { NamedMaps } from '../../src/ruleset/named-maps.ts';
import type { Chain, Rule, Ruleset, Verdict } from '../../src/ruleset/ruleset.ts';
import type { Operation, Transaction } from '../../src/ruleset/transaction.ts';

const REST_MS = 10;
const LONG_AFTER = 1_000_000;
const PORTS = ['22', '80'];
const LEAVES = ['l1', 'l2', 'l3'];

/** A chain that looks ports up: for each rule, the leaves by port. */
type Lookups = readonly ReadonlyMap<string, string>[];

function rulesetOf(lookups: Readonly<Record<string, Lookups>>): Ruleset {
  const jumps = Object.keys(lookups).map((chain) => ruleOf({ kind: 'jump', chain }));
  const used = Object.values(lookups).flatMap((all) => all.flatMap((one) => [...one.values()]));
  const chains: readonly Chain[] = [
    { name: 'in', base: { hook: 'input', priority: 0 }, rules: jumps },
    ...Object.entries(lookups).map(([name, all]) => ({
      ...{ name, base: null },
      rules: all.map((to) => ruleOf(branch(to))),
    })),
    ...[...new Set(used)].map((name) => ({ name, base: null, rules: [ruleOf({ kind: 'drop' })] })),
  ];
  return {
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    ...{ sets: new Map(), counters: new Set() },
  };
}

function branch(chains: ReadonlyMap<string, string>): Verdict {
  return { kind: 'branch', field: { kind: 'dport', mask: 0xffff }, chains };
}

function ruleOf(verdict: Verdict): Rule {
  const tcp = { kind: 'l4proto', negated: false, protocols: [6] } as const;
  return { comment: '', matches: [tcp], statements: [{ kind: 'verdict', verdict }] };
}

/** A table that is written step by step, and what rules have looked into. */
class Written {
  readonly nftables = new MemoryNftables();
  #maps = new NamedMaps();
  #programmed: Programmed = { kind: 'absent' };
  readonly #looked = new Map<string, string[]>();

  /** The maps that rules look into. */
  get inUse(): readonly string[] {
    return [...this.#looked.values()].flat();
  }

  get hasSpent(): boolean {
    return this.#maps.spent.length > 0;
  }

  async write(ruleset: Ruleset, now: number, restMs = REST_MS): Promise<Transaction> {
    const steps = this.#maps.follow(diffRulesets(this.#programmed, ruleset), now, restMs);
    if (steps.length > 0) await this.nftables.apply(steps);
    this.#maps.landed(now);
    for (const step of steps) this.#note(step);
    this.#programmed = { kind: 'known', ruleset };
    return steps;
  }

  /** Another process takes over, or this one reads what is there. */
  async leave(isAnother = true): Promise<void> {
    const inventory = await this.nftables.read();
    assert.ok(inventory !== null);
    this.#maps = new NamedMaps(inventory, isAnother ? undefined : this.#maps);
    this.#programmed = { kind: 'found', inventory };
  }

  async mapNames(): Promise<readonly string[]> {
    return ((await this.nftables.read())?.maps ?? []).map(({ name }) => name);
  }

  chainTexts(): readonly string[] {
    return [...this.nftables.contents().chains.values()].map(canonicalChain).sort();
  }

  #note(step: Operation): void {
    if (step.op === 'flush-chain' || step.op === 'delete-chain') this.#looked.delete(step.name);
    if (step.op !== 'add-rule' || step.map === undefined) return;
    this.#looked.set(step.chain, [...(this.#looked.get(step.chain) ?? []), step.map]);
  }
}

function textsOf({ chains }: Ruleset): readonly string[] {
  return [...chains.values()].map(canonicalChain).sort();
}

const leaf = fc.constantFrom(...LEAVES);
const lookup = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...PORTS), leaf), {
    ...{ minLength: 1, maxLength: 2 },
    selector: ([port]) => port,
  })
  .map((entries) => new Map(entries));
const rulesets = fc
  .record(
    { a: fc.array(lookup, { maxLength: 2 }), b: fc.array(lookup, { maxLength: 2 }) },
    { requiredKeys: [] },
  )
  .map(rulesetOf);
const histories = fc.array(
  fc.record({
    ruleset: rulesets,
    afterMs: fc.constantFrom(0, 4, 20),
    read: fc.constantFrom(null, 'again', 'by another'),
  }),
  { minLength: 2, maxLength: 6 },
);

const TO_L1 = new Map([['22', 'l1']]);
const TO_L2 = new Map([['22', 'l2']]);

describe('the maps of the table', () => {
  it('stay with what they lead to for as long as a packet may be in rules that looked into them', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const table = new Written();
        let now = 0;
        for (const { ruleset, afterMs, read } of history) {
          now += afterMs;
          const before = table.inUse;
          if (read !== null && table.nftables.exists) await table.leave(read === 'by another');
          await table.write(ruleset, now);
          const names = await table.mapNames();
          for (const name of [...before, ...table.inUse]) assert.ok(names.includes(name), name);
          const wanted = new Set(textsOf(ruleset));
          const others = table.chainTexts().filter((text) => !wanted.delete(text));
          assert.equal(wanted.size, 0);
          for (const text of others) assert.match(text, /,null,\[\]\]$/);
        }
        const last = history.at(-1)?.ruleset ?? rulesetOf({});
        await table.write(last, now + LONG_AFTER);
        assert.deepEqual(table.chainTexts(), textsOf(last));
        assert.deepEqual([...(await table.mapNames())].sort(), [...table.inUse].sort());
        assert.equal(table.hasSpent, false);
      }),
      { numRuns: 300 },
    );
  });

  it('serve again where a chain still looks up the same', async () => {
    const table = new Written();
    await table.write(rulesetOf({ a: [TO_L1, TO_L2] }), 0);
    const [, second] = table.inUse;
    const steps = await table.write(rulesetOf({ a: [new Map(TO_L2)] }), 1);
    assert.deepEqual(
      steps.filter(({ op }) => op === 'add-map'),
      [],
    );
    assert.deepEqual(table.inUse, [second]);
  });

  it('are deleted before the chains that they led to, with the first change that is late enough', async () => {
    const table = new Written();
    await table.write(rulesetOf({ a: [TO_L1] }), 0);
    await table.write(rulesetOf({ a: [TO_L2] }), 100);
    assert.ok(table.nftables.contents().chains.has('l1'));
    assert.deepEqual(await table.write(rulesetOf({ a: [TO_L2] }), 100 + REST_MS - 1), []);
    assert.deepEqual(await table.write(rulesetOf({ a: [TO_L2] }), 100 + REST_MS), [
      { op: 'delete-map', name: 'm-1' },
      { op: 'delete-chain', name: 'l1' },
    ]);
  });

  it('leave a chain alone that is wanted again', async () => {
    const table = new Written();
    await table.write(rulesetOf({ a: [TO_L1] }), 0);
    await table.write(rulesetOf({ a: [TO_L2] }), 0);
    const back = rulesetOf({ a: [TO_L1] });
    await table.write(back, 1);
    await table.write(back, LONG_AFTER);
    assert.deepEqual(table.chainTexts(), textsOf(back));
  });

  it('go at once where there is no time to lose', async () => {
    const table = new Written();
    await table.write(rulesetOf({ a: [TO_L1] }), 0);
    await table.leave();
    const wanted = rulesetOf({ b: [TO_L2] });
    await table.write(wanted, 1, 0);
    assert.deepEqual(table.chainTexts(), textsOf(wanted));
    assert.equal((await table.mapNames()).length, 1);
  });

  it('are as old as they were for a process that reads the table again', async () => {
    const table = new Written();
    const wanted = rulesetOf({ a: [TO_L1] });
    await table.write(wanted, 0);
    await table.leave(false);
    await table.write(wanted, 100);
    assert.equal((await table.mapNames()).length, 2);
    await table.leave(false);
    await table.write(wanted, 100 + REST_MS);
    assert.equal((await table.mapNames()).length, 2);
  });

  it('do not delay that somebody else’s hook goes', async () => {
    const table = new Written();
    await table.write(rulesetOf({ a: [TO_L1] }), 0);
    const theirs = { hook: 'input', priority: -10 } as const;
    await table.nftables.apply([{ op: 'add-chain', name: 'theirs', base: theirs }]);
    await table.leave();
    await table.write(rulesetOf({ a: [TO_L1] }), 1);
    assert.equal(table.nftables.contents().chains.has('theirs'), false);
  });
});
