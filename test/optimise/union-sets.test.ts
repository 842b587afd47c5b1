import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { TextList } from '../../src/base/text-list.ts';
import { UnionSets } from '../../src/optimise/union-sets.ts';
import type { Union } from '../../src/optimise/address-blocks.ts';
import { CidrCover } from '../../src/net/cidr-cover.ts';
import { LiveMembers } from '../../src/policy/live-members.ts';
import type { ElementChange } from '../../src/ruleset/element-set.ts';
import type { NamedSet } from '../../src/ruleset/ruleset.ts';

const PARTS = ['a', 'b', 'c', 'd'] as const;
const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.1.3', '10.0.1.4'] as const;
const NETWORKS = ['10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/16', '10.0.0.0/31'] as const;
const CONTENTS: Readonly<Record<string, readonly string[]>> = {
  ab: ['a', 'b'],
  cd: ['c', 'd'],
  all: PARTS,
};

function unionsOf(kind: 'hash' | 'interval'): ReadonlyMap<string, Union> {
  const parts = { ab: ['a', 'b'], cd: ['c', 'd'], all: ['ab', 'b', 'cd'] };
  return new Map(
    Object.entries(parts).map(([name, of]) => [name, { name, family: 4, kind, parts: of }]),
  );
}

const turns = (members: readonly string[]): fc.Arbitrary<readonly (readonly Change[])[]> =>
  fc.array(
    fc.array(fc.tuple(fc.constantFrom(...PARTS), fc.constantFrom(...members)), { maxLength: 5 }),
    { maxLength: 12 },
  );
type Change = readonly [part: (typeof PARTS)[number], member: string];

function setsOf(live: ReadonlyMap<string, LiveMembers>): ReadonlyMap<string, NamedSet> {
  return new Map(
    Array.from(live, ([name, members]) => [
      name,
      { name, family: 4, kind: 'hash', elements: members.view() },
    ]),
  );
}

/** Lets parts change turn by turn; what each union holds has to be what `united` makes of what they hold then. */
function follow(
  kind: 'hash' | 'interval',
  changes: readonly (readonly Change[])[],
  united: (elements: readonly string[]) => readonly string[],
): void {
  const definitions = unionsOf(kind);
  const live = new Map(PARTS.map((name) => [name, new LiveMembers()]));
  const held = new Map(PARTS.map((name) => [name, new Set<string>()]));
  const copies = new Map([...definitions.keys()].map((name) => [name, new Set<string>()]));
  const unions = new UnionSets();
  let before = unions.follow(definitions, setsOf(live));
  const kept: [TextList, readonly string[]][] = [];
  for (const turn of changes) {
    for (const [part, member] of turn) toggle(live.get(part), held.get(part), member);
    const lineages = before;
    const after = unions.follow(definitions, setsOf(live));
    for (const [name, { elements }] of after) {
      const copy = copies.get(name) ?? new Set();
      if (lineages.get(name)?.elements.lineage === elements.lineage)
        patch(copy, elements.changesSince(lineages.get(name)?.elements.version ?? NaN));
      else copies.set(name, new Set(elements));
      const parts = PARTS.filter((part) => CONTENTS[name]?.includes(part));
      const expected = united(parts.flatMap((part) => [...(live.get(part)?.view() ?? [])]));
      assert.deepEqual([...elements].sort(), [...expected].sort());
      kept.push([elements.kept(), [...elements]]);
      assert.deepEqual([...(copies.get(name) ?? [])].sort(), [...expected].sort());
      assert.equal(elements.size, expected.length);
      for (const one of ADDRESSES) assert.equal(elements.has(one), expected.includes(one));
    }
    before = after;
  }
  for (const [elements, list] of kept) assert.deepEqual([...elements], list);
}

function patch(copy: Set<string>, change: ElementChange | null): void {
  for (const one of change?.removed ?? []) assert.ok(copy.delete(one));
  for (const one of change?.added ?? []) {
    assert.ok(!copy.has(one));
    copy.add(one);
  }
}

describe('UnionSets', () => {
  it('holds what any of the parts holds, and knows what changed', () => {
    fc.assert(
      fc.property(turns(ADDRESSES), (changes) => {
        follow('hash', changes, (elements) => [...new Set(elements)]);
      }),
    );
  });

  it('shows the widest of what sets with networks hold', () => {
    fc.assert(
      fc.property(turns([...ADDRESSES, ...NETWORKS]), (changes) => {
        follow('interval', changes, (elements) => {
          const cover = new CidrCover();
          for (const element of elements) cover.add(element);
          return [...cover];
        });
      }),
    );
  });

  it('answers the same sets while nothing changes', () => {
    const live = new Map(PARTS.map((name) => [name, new LiveMembers()]));
    const sets = setsOf(live);
    const unions = new UnionSets();
    const before = unions.follow(unionsOf('hash'), sets);
    const after = unions.follow(unionsOf('hash'), sets);
    assert.equal(before.size, 3);
    for (const [name, set] of before) assert.equal(after.get(name), set);
  });

  it('does not claim to know how a set came about that was made anew', () => {
    const unions = new UnionSets();
    const before = unions.follow(
      unionsOf('hash'),
      setsOf(new Map(PARTS.map((name) => [name, new LiveMembers()]))),
    );
    const after = unions.follow(
      unionsOf('hash'),
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
