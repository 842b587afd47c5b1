import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { changedMap } from '../../src/base/changed-map.ts';

interface Value {
  readonly n: number;
}

const change = fc.tuple(fc.nat(400), fc.option(fc.record({ n: fc.nat() })));
const steps = fc.array(fc.array(change, { minLength: 1, maxLength: 30 }), { maxLength: 12 });

// What a Map becomes with these changes.
function copied(
  from: ReadonlyMap<number, Value>,
  changes: Iterable<readonly [number, Value | null]>,
): ReadonlyMap<number, Value> {
  const copy = new Map(from);
  for (const [key, value] of changes) {
    if (value === null) copy.delete(key);
    else copy.set(key, value);
  }
  return copy;
}

function sorted(map: ReadonlyMap<number, Value>): readonly (readonly [number, Value])[] {
  return [...map].sort(([a], [b]) => a - b);
}

describe('changed maps', () => {
  it('hold what copies with the same changes hold, before and after any number of changes', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 100, 130, 300), steps, (size, all) => {
        const first = new Map(Array.from({ length: size }, (_, n) => [n, { n }]));
        const maps: (readonly [ReadonlyMap<number, Value>, ReadonlyMap<number, Value>])[] = [
          [first, first],
        ];
        for (const step of all) {
          const [last, copy] = maps.at(-1) ?? [first, first];
          const changes = new Map(step);
          maps.push([changedMap(last, changes), copied(copy, changes)]);
        }
        for (const [map, copy] of maps) {
          assert.equal(map.size, copy.size);
          assert.deepEqual(sorted(map), sorted(copy));
          assert.deepEqual(
            [...map.keys()],
            [...map].map(([key]) => key),
          );
          assert.deepEqual(
            [...map.values()],
            [...map].map(([, value]) => value),
          );
          for (let key = 0; key <= 400; key++) {
            assert.equal(map.get(key), copy.get(key));
            assert.equal(map.has(key), copy.has(key));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('call for each entry', () => {
    const map = changedMap(
      new Map(Array.from({ length: 200 }, (_, n) => [n, { n }])),
      new Map([[7, null]]),
    );
    const seen: number[] = [];
    map.forEach((value, key, all) => {
      assert.equal(all.get(key), value);
      seen.push(key);
    });
    assert.deepEqual(seen, [...map.keys()]);
    assert.equal(seen.length, 199);
  });
});
