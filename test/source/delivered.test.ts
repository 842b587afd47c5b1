import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RawUpdate } from '../../src/base/raw-update.ts';
import { Delivered } from '../../src/source/delivered.ts';

const state = (key: string, value: string | null, revision: number): RawUpdate => ({
  key,
  value: value === null ? null : Buffer.from(value),
  revision,
});

describe('Delivered', () => {
  it('takes no state for news that was accepted, and every other one', () => {
    const delivered = new Delivered();
    delivered.accept([state('a', 'x', 5)]);
    assert.equal(delivered.isNews(state('a', 'x', 5)), false);
    assert.equal(delivered.isNews(state('a', 'x', 6)), true);
    assert.equal(delivered.isNews(state('b', 'x', 5)), true);
    assert.equal(delivered.isNews(state('a', null, 7)), true);
    assert.equal(delivered.isNews(state('b', null, 7)), false);
  });

  it('tells apart what two histories made of one revision', () => {
    const delivered = new Delivered();
    delivered.accept([state('a', 'before the restore', 5)]);
    assert.equal(delivered.isNews(state('a', 'after the restore', 5)), true);
  });

  it('knows a large value again, wherever it stands', () => {
    const delivered = new Delivered();
    const own = Buffer.alloc(200_000, 'a');
    const inList = Buffer.alloc(500_000, 'a').subarray(1000, 201_000);
    const other = Buffer.from(own).fill('b', 100_000, 100_001);
    for (const value of [own, inList]) {
      delivered.accept([{ key: 'a', value, revision: 5 }]);
      assert.equal(delivered.isNews({ key: 'a', value: own, revision: 5 }), false);
      assert.equal(delivered.isNews({ key: 'a', value: inList, revision: 5 }), false);
      assert.equal(delivered.isNews({ key: 'a', value: own, revision: 6 }), true);
      assert.equal(delivered.isNews({ key: 'a', value: other, revision: 5 }), true);
    }
  });

  it('takes everything for news while distrusted', () => {
    const delivered = new Delivered();
    delivered.accept([state('a', 'x', 5)]);
    delivered.distrust();
    assert.equal(delivered.isNews(state('a', 'x', 5)), true);
    delivered.trust();
    assert.equal(delivered.isNews(state('a', 'x', 5)), false);
  });

  it('keeps revisions apart however large they are', () => {
    const revisions = fc.integer({ min: 1, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(revisions, revisions, fc.string(), (one, other, value) => {
        const delivered = new Delivered();
        delivered.accept([state('a', value, one)]);
        return delivered.isNews(state('a', value, other)) === (one !== other);
      }),
    );
  });

  it('turns any old state into any new one by news and missing keys', () => {
    const revision = fc.integer({ min: 1, max: 3 });
    const contents = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), revision);
    fc.assert(
      fc.property(contents, contents, (old, now) => {
        const delivered = new Delivered();
        const view = new Map<string, number>();
        const send = (updates: readonly RawUpdate[]): void => {
          delivered.accept(updates);
          for (const { key, value, revision: at } of updates) {
            if (value === null) view.delete(key);
            else view.set(key, at);
          }
        };
        const list = (contents: Record<string, number>): RawUpdate[] =>
          Object.entries(contents).map(([key, at]) => state(key, `${key} ${at}`, at));
        send(list(old));
        const news = list(now).filter((update) => delivered.isNews(update));
        send([...news, ...delivered.missing(new Set(Object.keys(now)), 9)]);
        assert.deepEqual(Object.fromEntries(view), { ...now });
        assert.equal(delivered.size, view.size);
      }),
    );
  });
});
