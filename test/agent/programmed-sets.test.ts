import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ProgrammedSets } from '../../src/agent/programmed-sets.ts';
import type { SetDeclaration } from '../../src/ruleset/ruleset.ts';
import type { Operation } from '../../src/ruleset/transaction.ts';

const SETS: readonly SetDeclaration[] = [
  { name: 's-a-4', family: 4, kind: 'hash' },
  { name: 's-b-4i', family: 4, kind: 'interval' },
];
const ELEMENTS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];

type Step = { readonly set: SetDeclaration } & (
  | { readonly kind: 'toggle'; readonly elements: readonly string[] }
  | { readonly kind: 'flush' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'rewrite' }
);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('toggle' as const),
        set: fc.constantFrom(...SETS),
        elements: fc.uniqueArray(fc.constantFrom(...ELEMENTS), { minLength: 1 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('flush' as const, 'delete' as const, 'rewrite' as const),
        set: fc.constantFrom(...SETS),
      }),
    },
  ),
  { maxLength: 60 },
);

/** What the kernel holds, and the operations that made it so. */
class Kernel {
  readonly sets = new Map<string, Set<string>>();

  operations(step: Step): readonly Operation[] {
    const { name } = step.set;
    const held = this.sets.get(name) ?? new Set();
    if (step.kind === 'rewrite') {
      this.sets.clear();
      this.sets.set(name, new Set(held));
      return [{ op: 'add-table' }, { op: 'add-elements', set: step.set, elements: [...held] }];
    }
    if (step.kind === 'delete') {
      this.sets.delete(name);
      return [{ op: 'delete-set', name }];
    }
    this.sets.set(name, held);
    if (step.kind === 'flush') {
      held.clear();
      return [
        { op: 'flush-set', name },
        { op: 'add-elements', set: step.set, elements: [] },
      ];
    }
    const removed = step.elements.filter((one) => held.has(one));
    const added = step.elements.filter((one) => !held.has(one));
    for (const one of removed) held.delete(one);
    for (const one of added) held.add(one);
    return [
      { op: 'delete-elements', set: step.set, elements: removed },
      { op: 'add-elements', set: step.set, elements: added },
    ];
  }
}

type Elements = Iterable<readonly [name: string, elements: Iterable<string>]>;

function contents(sets: Elements): readonly string[] {
  return Array.from(
    sets,
    ([name, elements]) => `${name}: ${[...elements].sort().join(' ')}`,
  ).sort();
}

function remembered(sets: ReturnType<ProgrammedSets['snapshot']>): readonly string[] {
  return contents(Array.from(sets, ([name, { elements }]) => [name, elements] as const));
}

describe('ProgrammedSets', () => {
  it('knows what the transactions that landed left in the kernel', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(4)), (all, taken) => {
        const kernel = new Kernel();
        const sets = new ProgrammedSets();
        for (const [i, step] of all.entries()) {
          sets.landed(kernel.operations(step));
          // Somebody prepares the answer, and perhaps stops in the middle.
          const way = sets.approach();
          for (let left = taken[i] ?? 0; left > 0; left--) way.next();
        }
        assert.deepEqual(remembered(sets.snapshot()), contents(kernel.sets));
      }),
    );
  });

  it('answers with what was there, whatever lands while the answer is read', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const kernel = new Kernel();
        const sets = new ProgrammedSets();
        for (const step of before) sets.landed(kernel.operations(step));
        const snapshot = sets.snapshot();
        const expected = remembered(snapshot);
        for (const step of after) sets.landed(kernel.operations(step));
        assert.deepEqual(remembered(snapshot), expected);
      }),
    );
  });

  it('writes a set that was edited very often down anew', () => {
    const [set] = SETS;
    assert.ok(set !== undefined);
    const sets = new ProgrammedSets();
    for (let i = 0; i < 2500; i++) {
      sets.landed([{ op: 'add-elements', set, elements: [`10.0.${i >> 8}.${i & 255}`] }]);
    }
    assert.equal([...(sets.snapshot().get(set.name)?.elements ?? [])].length, 2500);
  });
});
