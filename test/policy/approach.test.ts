import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { differingPart } from '../../src/base/differing-part.ts';
import type { TextList } from '../../src/base/text-list.ts';
import { stepsBetween } from '../../src/policy/list-change.ts';
import { Membership } from '../../src/policy/membership.ts';
import type { Contribution } from '../../src/policy/membership.ts';
import type { NetsEdit, ResourceId } from '../../src/resource/resource.ts';
import { selector } from '../support/resources.ts';

const POOL = Array.from({ length: 20_000 }, (_, i) =>
  i % 3 === 0 ? `10.0.${i >> 8}.${i & 255}/32` : `2001:db8:${i.toString(16)}::/48`,
);
const SETS = ['role == "a"', 'role == "b"'].map((text) => ({
  kind: 'selector' as const,
  id: text,
  selector: selector(text),
}));

/** Part of the pool, from some place on, its halves perhaps the other way around, some perhaps twice. */
const nets = fc
  .record({ from: fc.nat(19_999), count: fc.nat(16_000), isTurned: fc.boolean(), twice: fc.nat(3) })
  .map(({ from, count, isTurned, twice }) => {
    const part = POOL.slice(from, from + count);
    const turned = isTurned ? [...part.slice(count / 2), ...part.slice(0, count / 2)] : part;
    return [...turned, ...part.slice(0, twice)];
  });
const state: fc.Arbitrary<Contribution | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 5,
    arbitrary: fc.record({ nets, role: fc.constantFrom('a', 'b', 'c') }).map(({ nets, role }) => ({
      ...{ nets, labels: { role }, ports: [], profiles: [], isNetworkSet: true as const },
    })),
  },
);

function id(name: string): ResourceId {
  return { kind: 'GlobalNetworkSet', namespace: '', name };
}

function started(): Membership {
  const membership = new Membership();
  membership.use(new Map(SETS.map((one) => [one.id, one])));
  return membership;
}

function contents(membership: Membership): unknown {
  return Array.from(membership.publish(), ([name, { ipv4, ipv6 }]) => [
    name,
    [...ipv4].sort(),
    [...ipv6].sort(),
  ]);
}

/** What a reader that knows both lists says, who looks at a little more than what differs. */
function editBetween(before: TextList = [], after: TextList = []): NetsEdit {
  const [old, fresh] = [Array.from(before), Array.from(after)];
  const { start, beforeEnd, afterEnd } = differingPart(old, fresh);
  const from = Math.max(0, start - 1);
  return { before, removed: old.slice(from, beforeEnd), added: fresh.slice(from, afterEnd) };
}

/** Networks that are put together whenever they are read. */
function unlisted(nets: TextList): TextList {
  return {
    length: nets.length,
    *[Symbol.iterator]() {
      yield* nets;
    },
  };
}

/** The same with a few networks less and more in one place. */
function changed(
  state: Contribution | null,
  { at, gone, extra }: { readonly at: number; readonly gone: number; readonly extra: number },
): Contribution | null {
  if (state === null) return null;
  const nets = Array.from(state.nets);
  nets.splice(at, gone, ...POOL.slice(at, at + extra));
  return { ...state, nets };
}

describe('approaching what a network set becomes', () => {
  it('changes nothing about the outcome, wherever it is broken off or looked at', () => {
    const turn = fc.record({
      name: fc.constantFrom('x', 'y'),
      next: state,
      steps: fc.oneof(fc.nat(4), fc.constant(Infinity)),
      isRead: fc.boolean(),
      isKnown: fc.boolean(),
      isListed: fc.boolean(),
      little: fc.option(fc.record({ at: fc.nat(16_000), gone: fc.nat(3), extra: fc.nat(3) })),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 4 }), (turns) => {
        const [gradual, direct] = [started(), started()];
        const states = new Map<string, Contribution | null>();
        for (const { name, isListed, little, isKnown, isRead, steps, ...turn } of turns) {
          const before = states.get(name) ?? null;
          const wanted = little === null ? turn.next : changed(before, little);
          const next =
            wanted === null || isListed ? wanted : { ...wanted, nets: unlisted(wanted.nets) };
          const edit = isKnown ? editBetween(before?.nets, next?.nets) : undefined;
          const way = gradual.approach(id(name), next, edit);
          for (let taken = 0; taken < steps && way.next().done !== true; taken++)
            if (isRead) contents(gradual);
          gradual.setContributor(id(name), next);
          direct.setContributor(id(name), next);
          states.set(name, next);
          assert.deepEqual(contents(gradual), contents(direct));
          assert.equal(gradual.size, direct.size);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('goes in small steps, and in one where little changes', () => {
    fc.assert(
      fc.property(nets, nets, (before, after) => {
        const steps = Array.from(stepsBetween(before, after), ({ list }) => [...list]);
        assert.deepEqual(steps.at(-1) ?? after, after);
        const lists = [before, ...steps, after];
        for (const [i, list] of lists.entries()) {
          const previous = lists[i - 1] ?? before;
          const known = new Set(previous);
          const present = new Set(list);
          const gained = list.filter((net) => !known.has(net)).length;
          const lost = previous.filter((net) => !present.has(net)).length;
          assert.ok(gained + lost <= 4000, `${gained} and ${lost}`);
        }
      }),
      { numRuns: 30 },
    );
    const longer = [...POOL.slice(0, 9000), '192.0.2.1/32', ...POOL.slice(9000)];
    assert.equal([...stepsBetween(POOL, longer)].length, 1);
    assert.equal([...stepsBetween(POOL, [...POOL])].length, 1);
  });
});
