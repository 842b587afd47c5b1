import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { coverCidrs } from '../../src/net/cidr-set.ts';
import type { FamilyMembers } from '../../src/policy/local-policy.ts';
import { LiveMembers } from '../../src/policy/live-members.ts';

const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.1.0.1', '192.0.2.7'];
const NETS = ['10.0.0.0/8', '10.0.0.0/24', '10.1.0.0/16', '192.0.2.0/25', '0.0.0.0/0'];

const steps = fc.array(
  fc.record({
    add: fc.boolean(),
    member: fc.constantFrom(...ADDRESSES, ...NETS),
    look: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** The members that a set with these contributions has to expose. */
function expected(contributions: ReadonlyMap<string, number>): readonly string[] {
  const present = [...contributions.keys()];
  if (!present.some((member) => member.includes('/'))) return present.sort();
  const nets = present.map((member) => (member.includes('/') ? member : `${member}/32`));
  return coverCidrs(nets)
    .map((net) => net.replace(/\/32$/, ''))
    .sort();
}

describe('LiveMembers', () => {
  it('exposes a function of the present contributions, and tells the net change since any view', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const live = new LiveMembers();
        const contributions = new Map<string, number>();
        const kept: [ReturnType<FamilyMembers['kept']>, readonly string[]][] = [];
        let seen = { view: live.view(), members: new Set<string>() };
        for (const { add, member, look } of sequence) {
          const count = contributions.get(member) ?? 0;
          if (add) {
            contributions.set(member, count + 1);
            live.add(member);
          } else if (count > 0) {
            if (count === 1) contributions.delete(member);
            else contributions.set(member, count - 1);
            live.remove(member);
          }
          const view = live.view();
          assert.deepEqual([...view].sort(), expected(contributions));
          assert.equal(view.size, [...view].length);
          kept.push([view.kept(), [...view]]);
          assert.equal(
            view.addressesOnly,
            ![...contributions.keys()].some((one) => one.includes('/')),
          );
          if (view.lineage === seen.view.lineage) {
            const change = view.changesSince(seen.view.version);
            assert.ok(change !== null);
            const patched = new Set(seen.members);
            for (const removed of change.removed) assert.ok(patched.delete(removed), removed);
            for (const added of change.added) {
              assert.ok(!patched.has(added), added);
              patched.add(added);
            }
            assert.deepEqual([...patched].sort(), [...view].sort());
          }
          if (look || view.lineage !== seen.view.lineage) seen = { view, members: new Set(view) };
        }
        for (const [members, list] of kept) {
          assert.deepEqual([...members], list);
          assert.equal(members.length, list.length);
        }
      }),
    );
  });

  it('refuses to be read through a view that is out of date', () => {
    const live = new LiveMembers();
    live.add('10.0.0.1');
    const view = live.view();
    live.add('10.0.0.2');
    assert.throws(() => [...view], /moved on/);
    assert.throws(() => view.has('10.0.0.1'), /moved on/);
    assert.throws(() => view.kept(), /moved on/);
  });

  const address = (i: number): string => `10.0.${i >> 8}.${i & 255}`;

  it('tells a change of all its members, however many', () => {
    const live = new LiveMembers();
    const empty = live.view();
    for (let i = 0; i < 20_000; i++) live.add(address(i));
    const full = live.view();
    assert.equal(full.changesSince(empty.version)?.added.length, 20_000);
    for (let i = 0; i < 10_000; i++) live.remove(address(i));
    assert.equal(live.view().changesSince(full.version)?.removed.length, 10_000);
  });

  it('answers null when so much came and went that finding what undid each other takes long', () => {
    const changed = (count: number): ReturnType<FamilyMembers['changesSince']> => {
      const live = new LiveMembers();
      for (let i = 0; i < 40_000; i++) live.add(address(i));
      const { version } = live.view();
      for (let i = 0; i < count; i++) live.remove(address(i));
      for (let i = 0; i < count; i++) live.add(address(40_000 + i));
      return live.view().changesSince(version);
    };
    assert.equal(changed(8192)?.added.length, 8192);
    assert.equal(changed(8193), null);
  });

  it('answers null when more has changed than it holds', () => {
    const live = new LiveMembers();
    for (let i = 0; i < 20_000; i++) live.add(address(i));
    const { version } = live.view();
    for (let i = 0; i < 19_000; i++) live.remove(address(i));
    assert.equal(live.view().changesSince(version), null);
    assert.notEqual(live.view().changesSince(live.version - 10), null);
  });

  it('does not keep what was told long ago', () => {
    const live = new LiveMembers();
    const { version } = live.view();
    for (let i = 0; i < 20_000; i++) live.add(address(i));
    assert.notEqual(live.view().changesSince(version), null);
    live.remove(address(0));
    const view = live.view();
    assert.equal(view.changesSince(version), null);
    assert.deepEqual(view.changesSince(live.version - 1), { added: [], removed: [address(0)] });
  });
});
