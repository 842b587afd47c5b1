import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { comparePolicies, compareTiers } from '../../src/policy/evaluation-order.ts';
import { globalPolicy, tier } from '../support/resources.ts';

describe('comparePolicies', () => {
  const cases: readonly (readonly [string, readonly [string, number | null][], string])[] = [
    [
      'lower order first',
      [
        ['b', 1],
        ['a', 2],
      ],
      'b a',
    ],
    [
      'no order last',
      [
        ['a', null],
        ['b', 500],
      ],
      'b a',
    ],
    [
      'negative and fractional orders',
      [
        ['a', 0.5],
        ['b', -1],
        ['c', 0],
      ],
      'b c a',
    ],
    [
      'equal order by name',
      [
        ['b', 1],
        ['a', 1],
      ],
      'a b',
    ],
    [
      'a dash sorts before the slash that ends a name',
      [
        ['a', 1],
        ['a-b', 1],
      ],
      'a-b a',
    ],
    [
      'a dot sorts before it too',
      [
        ['a', 1],
        ['a.b', 1],
      ],
      'a.b a',
    ],
    [
      'upper case before lower case',
      [
        ['b', 1],
        ['B', 1],
      ],
      'B b',
    ],
  ];
  for (const [title, policies, expected] of cases) {
    it(title, () => {
      const sorted = policies
        .map(([name, order]) => globalPolicy(name, { order: order ?? Infinity }))
        .sort(comparePolicies);
      assert.equal(sorted.map(({ name }) => name).join(' '), expected);
    });
  }
});

describe('compareTiers', () => {
  it('puts missing tiers after all existing ones, whatever their order', () => {
    const named = [
      { name: 'ghost', tier: null },
      { name: 'a-ghost', tier: null },
      { name: 'late', tier: tier('late', { order: Infinity }) },
      { name: 'web', tier: tier('web', { order: 1_000_000 }) },
      { name: 'default', tier: tier('default', { order: 1_000_000 }) },
      { name: 'first', tier: tier('first', { order: -3 }) },
    ];
    const names = named.sort(compareTiers).map(({ name }) => name);
    assert.deepEqual(names, ['first', 'default', 'web', 'late', 'a-ghost', 'ghost']);
  });
});
