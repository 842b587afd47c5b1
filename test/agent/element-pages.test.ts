import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ElementPages } from '../../src/agent/element-pages.ts';
import { ELEMENT_SEPARATOR, nftText } from '../../src/ruleset/nft-text.ts';
import type { PrintableRuleset } from '../../src/ruleset/nft-text.ts';

const ELEMENTS = Array.from({ length: 4000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

/** From element `from` on, every `step`-th of them, `count` in all, changes sides; or everything is read or written. */
const edits = fc.array(
  fc.oneof(
    fc.record({
      from: fc.nat(ELEMENTS.length - 1),
      step: fc.integer({ min: 1, max: 3 }),
      count: fc.oneof(fc.nat(3), fc.integer({ min: 990, max: 2500 })),
    }),
    fc.constantFrom('read' as const, 'write' as const),
  ),
  { maxLength: 20 },
);

/** The pages after an edit, all its steps taken. */
function edited(pages: ElementPages, added: boolean, elements: readonly string[]): ElementPages {
  const steps = pages.edited(added, elements);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

function textsOf(pages: ElementPages): readonly string[] {
  return Array.from(pages.pieces(), (piece) => {
    assert.ok(piece.toString().startsWith(ELEMENT_SEPARATOR));
    return piece.toString().slice(ELEMENT_SEPARATOR.length);
  });
}

function byText(pages: ElementPages): readonly string[] {
  return textsOf(pages)
    .flatMap((text) => text.split(', '))
    .sort();
}

describe('ElementPages', () => {
  it('hold what the edits left, by element and by text, and older ones what there was', () => {
    fc.assert(
      fc.property(edits, (all) => {
        let pages = new ElementPages();
        const held = new Set<string>();
        const versions: (readonly [pages: ElementPages, elements: readonly string[]])[] = [];
        for (const edit of all) {
          if (edit === 'read' || edit === 'write') {
            const found = edit === 'read' ? [...pages].sort() : byText(pages);
            assert.deepEqual(found, [...held].sort());
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
          pages = edited(edited(pages, false, removed), true, added);
          versions.push([pages, [...held].sort()]);
        }
        for (const [version, elements] of versions) {
          assert.deepEqual(byText(version), elements);
          assert.deepEqual([...version].sort(), elements);
        }
      }),
    );
  });

  it('are written down as one list, however many of them are empty', () => {
    const all = edited(new ElementPages(), true, ELEMENTS);
    for (const count of [0, 1, 5, 3990, 4000]) {
      const elements = edited(all, false, ELEMENTS.slice(count));
      const set = { name: 's', family: 4, kind: 'hash', elements } as const;
      const ruleset = { chains: new Map(), counters: new Set(), sets: new Map([['s', set]]) };
      const text = [...nftText(ruleset as PrintableRuleset)].join('');
      const list = /elements = \{ ([^}]*) \}/.exec(text)?.[1];
      const written = list === undefined ? [] : list.split(/,\s+/);
      assert.deepEqual(written.sort(), ELEMENTS.slice(0, count).sort());
    }
  });

  it('keep the text of what was not edited, and no page grows large', () => {
    let pages = edited(new ElementPages(), true, ELEMENTS);
    const before = new Set(pages.pieces());
    const after = [...edited(edited(pages, false, ['10.0.0.0']), true, ['192.0.2.1']).pieces()];
    assert.ok(before.size > 4);
    assert.ok(after.filter((text) => !before.has(text)).length <= 2);
    for (let i = 0; i < 20_000; i++) pages = edited(pages, true, [`10.1.${i >> 8}.${i & 255}`]);
    assert.ok(Math.max(...textsOf(pages).map((text) => text.length)) < 100_000);
  });
});
