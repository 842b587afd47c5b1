import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { UnionSets } from '../../src/optimise/union-sets.ts';
import type { Union } from '../../src/optimise/address-blocks.ts';
import { LiveMembers } from '../../src/policy/live-members.ts';
import type { NamedSet } from '../../src/ruleset/ruleset.ts';

const PARTS = ['a', 'b', 'c', 'd'] as const;
const MEMBERS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] as const;
const UNIONS: readonly Union[] = [
  { name: 'ab', family: 4, kind: 'hash', parts: ['a', 'b'] },
  { name: 'cd', family: 4, kind: 'hash', parts: ['c', 'd'] },
  { name: 'all', family: 4, kind: 'hash', parts: ['ab', 'b', 'cd'] },
];
const CONTENTS: Readonly<Record<string, readonly string[]>> = {
  ab: ['a', 'b'],
  cd: ['c', 'd'],
  all: PARTS,
};

const changes = fc.array(
  fc.array(fc.tuple(fc.constantFrom(...PARTS), fc.constantFrom(...MEMBERS)), { maxLength: 5 }),
  { maxLength: 12 },
);

function setsOf(live: ReadonlyMap<string, LiveMembers>): ReadonlyMap<string, NamedSet> {
  return new Map(
    Array.from(live, ([name, members]) => [
      name,
      { name, family: 4, kind: 'hash', elements: members.view() },
    ]),
  );
}

describe('UnionSets', () => {
  it('holds what any of the parts holds, and knows what changed', () => {
    fc.assert(
      fc.property(changes, (turns) => {
        const live = new Map(PARTS.map((name) => [name, new LiveMembers()]));
        const held = new Map(PARTS.map((name) => [name, new Set<string>()]));
        const unions = new UnionSets();
        const copies = new Map<string, Set<string>>();
        let before = unions.follow(UNIONS, setsOf(live));
        for (const { name } of UNIONS) copies.set(name, new Set());
        for (const turn of turns) {
          for (const [part, member] of turn) toggle(live.get(part), held.get(part), member);
          const after = unions.follow(UNIONS, setsOf(live));
          for (const [name, { elements }] of after) {
            const change = elements.changesSince(before.get(name)?.elements.version ?? NaN);
            const copy = copies.get(name) ?? new Set();
            for (const one of change?.removed ?? []) assert.ok(copy.delete(one));
            for (const one of change?.added ?? []) {
              assert.ok(!copy.has(one));
              copy.add(one);
            }
            const parts = CONTENTS[name]?.flatMap((part) => [
              ...(live.get(part as 'a')?.view() ?? []),
            ]);
            const expected = [...new Set(parts)].sort();
            assert.deepEqual([...elements].sort(), expected);
            assert.deepEqual([...copy].sort(), expected);
            assert.equal(elements.size, expected.length);
            for (const one of MEMBERS) assert.equal(elements.has(one), expected.includes(one));
          }
          before = after;
        }
      }),
    );
  });

  it('answers the same sets while nothing changes', () => {
    const live = new Map(PARTS.map((name) => [name, new LiveMembers()]));
    const sets = setsOf(live);
    const unions = new UnionSets();
    const before = unions.follow(UNIONS, sets);
    const after = unions.follow(UNIONS, sets);
    for (const [name, set] of before) assert.equal(after.get(name), set);
  });

  it('does not claim to know how a set came about that was made anew', () => {
    const unions = new UnionSets();
    const before = unions.follow(
      UNIONS,
      setsOf(new Map(PARTS.map((name) => [name, new LiveMembers()]))),
    );
    const after = unions.follow(
      UNIONS,
      setsOf(new Map(PARTS.map((name) => [name, new LiveMembers()]))),
    );
    assert.notEqual(before.get('all')?.elements.lineage, after.get('all')?.elements.lineage);
  });
});

function toggle(
  live: LiveMembers | undefined,
  held: Set<string> | undefined,
  member: string,
): void {
  if (live === undefined || held === undefined) return;
  if (held.delete(member)) live.remove(member);
  else {
    held.add(member);
    live.add(member);
  }
}
