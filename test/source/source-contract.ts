import assert from 'node:assert/strict';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { Source } from '../../src/source/source.ts';
import { Recorder } from './recorder.ts';

/** One change of a transaction; null deletes. */
export interface Change {
  readonly key: string;
  readonly value: string | null;
}

/** A source with a hand on what it reads. */
export interface SourceFixture {
  readonly source: Source;
  /** All changes at once: readers see none or all of them. */
  change(changes: readonly Change[]): Promise<void>;
  /** Makes the medium unreachable; `change` still works, unseen. */
  away(): Promise<void>;
  back(): Promise<void>;
  dispose(): Promise<void>;
}

const key = (name: string): string => `${RESOURCE_PREFIX}globalnetworksets/${name}`;
const put = (name: string, value = name): Change => ({ key: key(name), value });
const drop = (name: string): Change => ({ key: key(name), value: null });

const AWKWARD = [
  '{"a":"\\u0026 <>"}',
  'žluťoučký 🐎 \u2028',
  'line one\nline two\n',
  '  leading and trailing  ',
  '',
  'null',
];

/** What every source promises; `make` gives a fresh, empty medium each time. */
export function describeSourceContract(name: string, make: () => Promise<SourceFixture>): void {
  describe(`${name} as a Source`, () => {
    let fixture: SourceFixture;
    let heard: Recorder;

    beforeEach(async () => {
      fixture = await make();
      heard = new Recorder();
    });
    afterEach(async () => {
      await fixture.source.close();
      await fixture.dispose();
    });

    const started = async (): Promise<void> => {
      fixture.source.start(heard.listener);
      await heard.inSync();
    };
    const loseIt = async (): Promise<void> => {
      const lost = heard.next('lost', 8_000);
      await fixture.away();
      await lost;
    };
    const findIt = async (): Promise<void> => {
      const found = heard.next('in-sync', 8_000);
      await fixture.back();
      await found;
    };

    it('delivers what there is, then in-sync', async () => {
      await fixture.change([put('a'), put('b')]);
      await started();
      assert.deepEqual(Object.fromEntries(heard.state), { [key('a')]: 'a', [key('b')]: 'b' });
      assert.equal(heard.events.at(-1)?.kind, 'in-sync');
    });

    it('is in sync with nothing when there is nothing', async () => {
      await started();
      assert.deepEqual(
        heard.events.map((event) => event.kind).filter((kind) => kind !== 'problems'),
        ['in-sync'],
      );
    });

    it('delivers nothing before start returns', async () => {
      await fixture.change([put('a')]);
      fixture.source.start(heard.listener);
      assert.deepEqual(heard.events, []);
      await heard.inSync();
    });

    it('delivers puts and deletions as they happen', async () => {
      await started();
      await fixture.change([put('a', 'one')]);
      await heard.has(key('a'), 'one');
      await fixture.change([put('a', 'two')]);
      await heard.has(key('a'), 'two');
      await fixture.change([drop('a')]);
      await heard.has(key('a'), null);
      assert.equal(heard.updates().at(-1)?.value, null);
    });

    it('delivers a transaction of several keys in one event', async () => {
      await fixture.change([put('a'), put('b'), put('c')]);
      await started();
      const before = heard.events.length;
      await fixture.change([put('a', 'new'), drop('b'), put('d'), put('e')]);
      await heard.has(key('e'), 'e');
      const updates = heard.events.slice(before).filter((event) => event.kind === 'updates');
      assert.equal(updates.length, 1);
      assert.deepEqual(updates[0]?.updates.map((update) => update.key).sort(), [
        key('a'),
        key('b'),
        key('d'),
        key('e'),
      ]);
    });

    it('delivers values byte for byte', async () => {
      await fixture.change(AWKWARD.map((value, index) => put(`listed-${index}`, value)));
      await started();
      await fixture.change(AWKWARD.map((value, index) => put(`live-${index}`, value)));
      await heard.has(key(`live-${AWKWARD.length - 1}`), AWKWARD.at(-1) ?? '');
      for (const [index, value] of AWKWARD.entries()) {
        const bytes = Buffer.from(value, 'utf8').toString('latin1');
        assert.equal(heard.state.get(key(`listed-${index}`)), bytes);
        assert.equal(heard.state.get(key(`live-${index}`)), bytes);
      }
    });

    it('says lost once per outage and keeps what it delivered', async () => {
      await fixture.change([put('a')]);
      await started();
      await loseIt();
      await findIt();
      assert.equal(heard.of('lost').length, 1);
      assert.deepEqual([...heard.state.keys()], [key('a')]);
      await loseIt();
      assert.equal(heard.of('lost').length, 2);
    });

    it('delivers what changed and went while away before the next in-sync, and only that', async () => {
      await fixture.change([put('stays'), put('goes'), put('changes', 'old')]);
      await started();
      await loseIt();
      const before = heard.events.length;
      await fixture.change([drop('goes'), put('changes', 'new'), put('comes')]);
      await findIt();
      const kinds = heard.events.slice(before).map((event) => event.kind);
      assert.deepEqual(
        kinds.filter((kind) => kind !== 'problems'),
        ['updates', 'in-sync'],
      );
      const news = heard.updates(before).map((update) => [update.key, update.value === null]);
      assert.deepEqual(
        new Map(news as [string, boolean][]),
        new Map([
          [key('changes'), false],
          [key('comes'), false],
          [key('goes'), true],
        ]),
      );
      assert.equal(news.length, 3);
    });

    it('lists again on resync, delivering only differences', async () => {
      await fixture.change([put('a'), put('b')]);
      await started();
      const before = heard.events.length;
      const again = heard.next('in-sync');
      fixture.source.resync();
      await again;
      assert.deepEqual(heard.updates(before), []);
      assert.equal(heard.of('lost').length, 0);
      await fixture.change([put('c')]);
      await heard.has(key('c'), 'c');
    });

    it('never delivers a key twice with the same revision and value', async () => {
      await fixture.change([put('a'), put('b')]);
      await started();
      await fixture.change([put('a', 'new')]);
      await heard.has(key('a'), 'new');
      fixture.source.resync();
      await heard.next('in-sync');
      const seen = heard
        .updates()
        .map(({ key: name, revision, value }) => `${name} ${revision} ${String(value)}`);
      assert.equal(new Set(seen).size, seen.length);
    });

    it('delivers nothing after close', async () => {
      await started();
      await fixture.source.close();
      const before = heard.events.length;
      await fixture.change([put('late')]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(heard.events.length, before);
    });

    it('can be closed before it was started, while it starts, and twice', async () => {
      fixture.source.start(heard.listener);
      await fixture.source.close();
      await fixture.source.close();
      assert.deepEqual(heard.of('in-sync'), []);
      const other = await make();
      await other.source.close();
      await other.dispose();
    });
  });
}
