import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SetJournal } from '../../src/agent/set-journal.ts';

const ELEMENTS = Array.from({ length: 4000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

/** From element `from` on, every `step`-th of them, `count` in all, changes sides; or the journal is read. */
const edits = fc.array(
  fc.oneof(
    fc.record({
      from: fc.nat(ELEMENTS.length - 1),
      step: fc.integer({ min: 1, max: 3 }),
      count: fc.oneof(fc.nat(3), fc.integer({ min: 990, max: 2500 })),
    }),
    fc.constant('read' as const),
  ),
  { maxLength: 20 },
);

function byText(journal: SetJournal): readonly string[] {
  const texts = [...journal.texts()];
  return texts
    .join(', ')
    .split(', ')
    .filter((text) => text !== '')
    .sort();
}

describe('SetJournal', () => {
  it('holds what the edits left, by element and by text, and an older one what there was', () => {
    fc.assert(
      fc.property(edits, (all) => {
        let journal = new SetJournal();
        const held = new Set<string>();
        const versions: (readonly [journal: SetJournal, elements: readonly string[]])[] = [];
        for (const edit of all) {
          if (edit === 'read') {
            assert.deepEqual([...journal].sort(), [...held].sort());
            continue;
          }
          const chosen = ELEMENTS.filter((_, i) => {
            const place = (i - edit.from) / edit.step;
            return Number.isInteger(place) && place >= 0 && place < edit.count;
          });
          const removed = chosen.filter((element) => held.has(element));
          const added = chosen.filter((element) => !held.has(element));
          for (const element of removed) held.delete(element);
          for (const element of added) held.add(element);
          journal = journal.edited(false, removed).edited(true, added);
          versions.push([journal, [...held].sort()]);
        }
        for (const [version, elements] of versions) {
          assert.deepEqual(byText(version), elements);
          assert.deepEqual([...version].sort(), elements);
        }
      }),
    );
  });

  it('keeps the text of pages without an edit', () => {
    const journal = new SetJournal().edited(true, ELEMENTS);
    const before = [...journal.texts()];
    const after = [...journal.edited(false, ['10.0.0.0']).edited(true, ['192.0.2.1']).texts()];
    assert.deepEqual(after.slice(1, 4), before.slice(1, 4));
    assert.equal(after[0], before[0]?.slice('10.0.0.0, '.length));
    assert.equal(after.slice(4).join(''), '192.0.2.1');
  });
});
