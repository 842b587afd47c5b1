import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TextList } from '../../src/base/text-list.ts';
import { cidrCoversCidr, hostText } from '../../src/net/cidr.ts';
import type { Cidr } from '../../src/net/cidr.ts';
import { CidrCover } from '../../src/net/cidr-cover.ts';
import { anyCidr, crowdedCidr, family } from './generators.ts';

function coverOf(texts: readonly string[]): CidrCover {
  const cover = new CidrCover();
  for (const text of texts) cover.add(text);
  return cover;
}

/** The same by comparing each with each; sorted as CidrCover iterates. */
function widestOf(members: ReadonlyMap<string, Cidr>): string[] {
  const all = [...members.values()];
  return all
    .filter((inner) => !all.some((outer) => outer !== inner && cidrCoversCidr(outer, inner)))
    .sort((a, b) => a.family - b.family || (a.bits < b.bits ? -1 : 1))
    .map(({ text }) => hostText(text));
}

interface Step {
  readonly kind: 'add' | 'remove';
  readonly cidr: Cidr;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('add', 'add', 'remove'),
    cidr: family.chain((of) =>
      fc.oneof({ weight: 6, arbitrary: crowdedCidr(of) }, { weight: 1, arbitrary: anyCidr(of) }),
    ),
  }),
  { maxLength: 60, size: 'max' },
);

describe('CidrCover', () => {
  it('shows what was added, by address, single addresses without length', () => {
    const cover = coverOf(['192.0.2.7/32', '10.0.0.0/8', '2001:db8::1', '192.0.2.1']);
    assert.deepEqual([...cover], ['10.0.0.0/8', '192.0.2.1', '192.0.2.7', '2001:db8::1']);
    assert.equal(cover.size, 4);
  });

  it('hides what a wider member covers', () => {
    const cover = coverOf(['10.1.2.3', '10.1.0.0/16', '192.0.2.1']);
    assert.deepEqual(cover.add('10.0.0.0/8'), { added: ['10.0.0.0/8'], removed: ['10.1.0.0/16'] });
    assert.deepEqual(cover.add('10.9.9.9'), { added: [], removed: [] });
    assert.deepEqual([...cover], ['10.0.0.0/8', '192.0.2.1']);
    assert.equal(cover.has('10.1.0.0/16'), false);
    assert.equal(cover.has('10.0.0.0/8'), true);
  });

  it('shows again what a removed member covered', () => {
    const cover = coverOf(['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '10.9.9.9']);
    assert.deepEqual(cover.remove('10.1.2.3'), { added: [], removed: [] });
    assert.deepEqual(cover.remove('10.0.0.0/8'), {
      added: ['10.1.0.0/16', '10.9.9.9'],
      removed: ['10.0.0.0/8'],
    });
    assert.equal(cover.size, 2);
  });

  it('holds the whole of both families', () => {
    const cover = coverOf(['10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0']);
    assert.deepEqual([...cover], ['0.0.0.0/0', '2001:db8::/32']);
    cover.add('::/0');
    assert.deepEqual([...cover], ['0.0.0.0/0', '::/0']);
    assert.deepEqual(cover.remove('0.0.0.0/0'), { added: ['10.0.0.0/8'], removed: ['0.0.0.0/0'] });
    assert.deepEqual(cover.remove('::/0'), { added: ['2001:db8::/32'], removed: ['::/0'] });
  });

  it('takes an address with or without its length for the same member', () => {
    const cover = coverOf(['192.0.2.1/32']);
    assert.deepEqual(cover.add('192.0.2.1'), { added: [], removed: [] });
    assert.ok(cover.has('192.0.2.1') && cover.has('192.0.2.1/32'));
    assert.deepEqual(cover.remove('192.0.2.1'), { added: [], removed: ['192.0.2.1'] });
    assert.equal(cover.size, 0);
  });

  it('is unmoved by what it does not hold and by what is no network', () => {
    const cover = coverOf(['10.0.0.0/8']);
    const nothing = { added: [], removed: [] };
    assert.deepEqual(cover.remove('10.0.0.0/9'), nothing);
    assert.deepEqual(cover.remove('2001:db8::1'), nothing);
    assert.deepEqual(cover.remove('nonsense'), nothing);
    assert.deepEqual(cover.add('nonsense'), nothing);
    assert.equal(cover.has('nonsense'), false);
    assert.deepEqual([...cover], ['10.0.0.0/8']);
  });

  it('agrees with comparing each with each, after every step, and keeps what it showed then', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const cover = new CidrCover();
        const members = new Map<string, Cidr>();
        let shown = new Set<string>();
        const kept: [TextList, readonly string[]][] = [];
        for (const { kind, cidr } of list) {
          const change = kind === 'add' ? cover.add(cidr.text) : cover.remove(cidr.text);
          if (kind === 'add') members.set(cidr.text, cidr);
          else members.delete(cidr.text);
          const expected = widestOf(members);
          assert.deepEqual([...cover], expected);
          assert.equal(cover.size, expected.length);
          const after = new Set(expected);
          assert.deepEqual(new Set(change.added), difference(after, shown));
          assert.deepEqual(new Set(change.removed), difference(shown, after));
          assert.equal(cover.has(cidr.text), after.has(hostText(cidr.text)));
          shown = after;
          kept.push([cover.kept(), expected]);
        }
        for (const [nets, expected] of kept) {
          assert.deepEqual([...nets], expected);
          assert.equal(nets.length, expected.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('depends on its members, not on their history', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const cover = new CidrCover();
        const members = new Set<string>();
        for (const { kind, cidr } of list) {
          cover[kind](cidr.text);
          members[kind === 'add' ? 'add' : 'delete'](cidr.text);
        }
        const fresh = coverOf([...members].sort().reverse());
        assert.deepEqual([...cover], [...fresh]);
        for (const text of members) assert.deepEqual(cover.remove(text), fresh.remove(text));
        assert.deepEqual([...cover], []);
        assert.equal(cover.size, 0);
      }),
    );
  });

  it('keeps what is left of very many', () => {
    const texts = Array.from(
      { length: 200_000 },
      (_, i) => `10.${i >> 12}.${(i >> 4) & 255}.${16 * (i & 15)}/28`,
    );
    const cover = coverOf(texts);
    for (const text of texts.slice(3)) cover.remove(text);
    assert.deepEqual([...cover.kept()], texts.slice(0, 3));
  });

  it('holds tens of thousands of members, and opens and closes over all of them', () => {
    const texts = Array.from(
      { length: 30_000 },
      (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    );
    const cover = coverOf(texts);
    assert.equal(cover.size, 30_000);
    assert.equal(cover.add('10.0.0.0/8').removed.length, 30_000);
    assert.deepEqual([...cover], ['10.0.0.0/8']);
    assert.deepEqual(cover.remove('10.0.0.0/8').added, texts);
    for (const text of texts) cover.remove(text);
    assert.equal(cover.size, 0);
  });
});

function difference(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((text) => !b.has(text)));
}
