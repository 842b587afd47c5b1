import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Membership } from '../../src/policy/membership.ts';
import type { SetDefinition } from '../../src/policy/set-definition.ts';
import type { ResourceId } from '../../src/resource/resource.ts';
import { selector } from '../support/resources.ts';

const ROLES = ['a', 'b', 'c'] as const;
const NAMES = ['x', 'y', 'z'] as const;
const ADDRESSES = Array.from({ length: 7_000 }, (_, i) =>
  i % 3 === 0 ? `2001:db8::${i.toString(16)}` : `10.0.${i >> 8}.${i & 255}`,
);
const SETS: readonly (SetDefinition & { readonly roles: readonly string[] })[] = [
  { kind: 'selector', id: 'a', selector: selector('role == "a"'), roles: ['a'] },
  { kind: 'selector', id: 'bc', selector: selector('role in {"b", "c"}'), roles: ['b', 'c'] },
  { kind: 'selector', id: 'all', selector: selector('has(role)'), roles: ROLES },
];

interface State {
  readonly role: (typeof ROLES)[number];
  readonly nets: readonly string[];
}

/** Part of the addresses: few, or more than are taken in at once. */
const nets = fc
  .record({ from: fc.nat(4_000), count: fc.oneof(fc.nat(4), fc.constantFrom(2_001, 2_900)) })
  .map(({ from, count }) => ADDRESSES.slice(from, from + count));
const step = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    name: fc.constantFrom(...NAMES),
    next: fc.option(fc.record({ role: fc.constantFrom(...ROLES), nets })),
  }),
  fc.record({ kind: fc.constant('use' as const), sets: fc.subarray([...SETS]) }),
  fc.record({ kind: fc.constant('settle' as const), steps: fc.nat(4) }),
  fc.record({ kind: fc.constant('publish' as const) }),
);

/** What was said so far, and what follows from it. */
class Model {
  readonly states = new Map<string, State>();
  used: readonly (typeof SETS)[number][] = [];

  contents(): ReadonlyMap<string, readonly string[]> {
    return new Map(this.used.map(({ id, roles }) => [id, this.#members(roles)]));
  }

  #members(roles: readonly string[]): readonly string[] {
    const matching = [...this.states.values()].filter(({ role }) => roles.includes(role));
    return [...new Set(matching.flatMap(({ nets: list }) => list))].sort();
  }
}

function networkSet(name: string): ResourceId {
  return { kind: 'GlobalNetworkSet', namespace: '', name };
}

function put(membership: Membership, name: string, next: State | null): void {
  membership.setContributor(
    networkSet(name),
    next === null
      ? null
      : {
          ...{ nets: next.nets, labels: { role: next.role } },
          ...{ ports: [], profiles: [], isNetworkSet: true },
        },
  );
}

function published(membership: Membership): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Array.from(membership.publish(), ([id, { ipv4, ipv6 }]) => [id, [...ipv4, ...ipv6].sort()]),
  );
}

describe('the sets in use', () => {
  it('hold what the objects say, however far what takes long has come', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 16, size: 'max' }), (steps) => {
        const membership = new Membership();
        const model = new Model();
        let settling = membership.settle();
        for (const one of [...steps, { kind: 'publish' as const }]) {
          if (one.kind === 'put') {
            put(membership, one.name, one.next);
            if (one.next === null) model.states.delete(one.name);
            else model.states.set(one.name, one.next);
          } else if (one.kind === 'use') {
            membership.use(new Map(one.sets.map((set) => [set.id, set])));
            model.used = one.sets;
          } else if (one.kind === 'settle') {
            for (let i = 0; i < one.steps; i++)
              if (settling.next().done === true) settling = membership.settle();
          } else assert.deepEqual(published(membership), model.contents());
        }
      }),
      { numRuns: 200 },
    );
  });

  it('go on failing once they failed half-way: nobody knows what they have', () => {
    const membership = new Membership();
    membership.use(new Map(SETS.map((set) => [set.id, set])));
    let failures = 0;
    const nets = {
      length: 3_000,
      *[Symbol.iterator]() {
        for (const [i, address] of ADDRESSES.slice(0, 3_000).entries()) {
          if (i === 1_500 && failures++ === 0) throw new Error('once');
          yield address;
        }
      },
    };
    const contribution = { labels: { role: 'a' }, ports: [], profiles: [], isNetworkSet: true };
    membership.setContributor(networkSet('x'), { ...contribution, nets, isNetworkSet: true });
    put(membership, 'y', { role: 'a', nets: ['192.0.2.1'] });
    assert.throws(() => [...membership.settle()], /once/);
    assert.throws(() => membership.publish(), /once/);
    assert.throws(() => membership.publish(), /once/);
  });

  it('take a network set of 100,000 in by steps, when a rule begins to ask for it and when its labels change', () => {
    const list = Array.from(
      { length: 100_000 },
      (_, i) => `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
    );
    const membership = new Membership();
    put(membership, 'x', { role: 'a', nets: list });
    membership.use(new Map(SETS.map((set) => [set.id, set])));
    assert.equal([...membership.settle()].length, 200);
    assert.deepEqual(published(membership).get('a')?.length, 100_000);
    put(membership, 'x', { role: 'b', nets: list });
    // It goes from one set to another; the third has it before and after.
    assert.equal([...membership.settle()].length, 200);
    const after = published(membership);
    const sizes = SETS.map(({ id }) => [id, after.get(id)?.length]);
    assert.deepEqual(Object.fromEntries(sizes), { a: 0, bc: 100_000, all: 100_000 });
    assert.deepEqual([...membership.settle()], []);
  });
});
