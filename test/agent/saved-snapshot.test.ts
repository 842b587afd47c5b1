import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeLog } from '../../src/agent/change-log.ts';
import { ShortFile } from '../../src/agent/durable-file.ts';
import { SavedSnapshot } from '../../src/agent/saved-snapshot.ts';
import { JOURNAL_FILE, readSnapshot, SNAPSHOT_FILE } from '../../src/agent/snapshot-file.ts';
import { SnapshotDamage } from '../../src/agent/snapshot-format.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';

// Of values whose names begin so the bytes are kept.
const KEPT = 'k';

type Values = Readonly<Record<string, string | null>>;

describe('SavedSnapshot', () => {
  let stateDir: string;
  let saved: SavedSnapshot;
  let revision = 0;

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'rampart-saved-'));
    saved = new SavedSnapshot(stateDir);
    revision = 0;
  });
  afterEach(() => {
    rmSync(stateDir, { recursive: true });
  });

  const journal = (): string => join(stateDir, JOURNAL_FILE);

  async function save(values: Values): Promise<void> {
    revision++;
    const log = new ChangeLog(stateDir);
    for (const [name, value] of Object.entries(values)) {
      const bytes = value === null ? null : Buffer.from(value);
      const update = { key: `${RESOURCE_PREFIX}tiers/${name}`, value: bytes, revision };
      if (name.startsWith(KEPT)) log.keep(update);
      else log.append(update);
    }
    await saved.save({ revision, takenAt: 0 }, log);
    log.close();
  }

  function view(): { readonly revision: number; readonly values: Values } {
    const read = readSnapshot(stateDir);
    assert.ok(read?.ok === true);
    const pairs = read.value.updates.map(
      ({ key, value }) => [key.split('/').at(-1) ?? '', String(value)] as const,
    );
    return { revision: read.value.revision, values: Object.fromEntries(pairs) };
  }

  it('holds what was saved, and after a crash at any byte what was saved before', async () => {
    const change = fc.dictionary(
      fc.constantFrom('a', 'b', 'k1', 'k2'),
      fc.oneof(
        fc.constant(null),
        fc.string({ maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('x', 'y'), maxLength: 12 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
        saved = new SavedSnapshot(stateDir);
        const present = new Map<string, string>();
        const ends: number[] = [];
        const views: ReturnType<typeof view>[] = [];
        for (const values of changes) {
          await save(values);
          for (const [name, value] of Object.entries(values)) {
            if (value === null) present.delete(name);
            else present.set(name, value);
          }
          assert.deepEqual(view(), { revision, values: Object.fromEntries(present) });
          views.push(view());
          ends.push(existsSync(journal()) ? readFileSync(journal()).length : 0);
        }
        for (let cut = ends.at(-1) ?? 0; cut > 0; cut--) {
          truncateSync(journal(), cut - 1);
          assert.deepEqual(view(), views[ends.findLastIndex((end) => end < cut)]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('appends to what is there, and writes it anew when the journal has grown large', async () => {
    const large = 'x'.repeat(3_000_000);
    await save({ a: 'a', b: 'b' });
    const first = readFileSync(join(stateDir, SNAPSHOT_FILE));
    for (const values of [{ a: large }, { c: large, b: null }]) await save(values);
    assert.ok(readFileSync(join(stateDir, SNAPSHOT_FILE)).equals(first));
    assert.deepEqual(view().values, { a: large, c: large });
    await save({ a: 'A', d: large });
    assert.deepEqual(view(), { revision: 4, values: { a: 'A', c: large, d: large } });
    assert.equal(existsSync(journal()), false);
    await save({ d: null });
    assert.deepEqual(view(), { revision: 5, values: { a: 'A', c: large } });
  });

  it('appends what changed of values that are kept, and writes them whole when it must', async () => {
    const large = 'x'.repeat(3_000_000);
    await save({ k: large, a: 'a' });
    for (const k of [`${large}!`, `?${large}!`, `?${large}`, large]) {
      await save({ k });
      assert.deepEqual(view().values, { k, a: 'a' });
    }
    assert.ok(readFileSync(journal()).length < 1000);
    // What the patches led to goes into the next snapshot.
    await save({ a: 'y'.repeat(9_000_000) });
    assert.equal(existsSync(journal()), false);
    assert.equal(view().values['k'], large);
    await save({ k: `${large}.` });
    assert.ok(readFileSync(journal()).length < 1000);
    await save({ k: null });
    await save({ k: `${large},` });
    assert.ok(readFileSync(journal()).length > large.length);
    assert.equal(view().values['k'], `${large},`);
  });

  it('appends what changed since what the snapshot holds, also when its old journal could not be removed', async () => {
    const large = 'x'.repeat(5_000_000);
    const changed = `1,${large}`;
    await save({ k: large });
    // Nothing can be removed as a file that is a directory.
    mkdirSync(journal());
    await assert.rejects(save({ k: changed, a: 'y'.repeat(9_000_000) }));
    rmSync(journal(), { recursive: true });
    await save({ k: changed });
    assert.equal(view().values['k'], changed);
  });

  it('writes the snapshot anew when a start would copy much for its journal', async () => {
    const large = 'x'.repeat(4_000_000);
    await save({ k: large });
    const first = readFileSync(join(stateDir, SNAPSHOT_FILE));
    let changes = 0;
    for (let k = large; readFileSync(join(stateDir, SNAPSHOT_FILE)).equals(first); changes++) {
      assert.ok(changes < 100, 'it was not');
      k = `${k}!`;
      await save({ k });
      assert.deepEqual(view().values, { k });
    }
    assert.ok(changes > 10, `after ${changes}`);
  }).timeout(20_000);

  it('appends behind what it wrote, not behind what a crash or a full disk left', async () => {
    await save({ a: 'a' });
    await save({ b: 'b' });
    writeFileSync(journal(), 'half of something', { flag: 'a' });
    await save({ c: 'c' });
    assert.deepEqual(view().values, { a: 'a', b: 'b', c: 'c' });
  });

  it('does not take a journal for that of the snapshot which came after it', async () => {
    await save({ a: 'a' });
    await save({ a: 'older' });
    const older = readFileSync(journal());
    saved = new SavedSnapshot(stateDir);
    await save({ a: 'newer' });
    writeFileSync(journal(), older, { mode: 0o600 });
    assert.deepEqual(view().values, { a: 'newer' });
    await save({ b: 'b' });
    assert.deepEqual(view().values, { a: 'newer', b: 'b' });
  });

  it('rejects when somebody has shortened, removed or changed what it wrote', async () => {
    await save({ a: 'a' });
    await save({ b: 'b' });
    const whole = readFileSync(journal());
    truncateSync(journal(), 3);
    await assert.rejects(save({ c: 'c' }), ShortFile);
    rmSync(journal());
    await assert.rejects(save({ c: 'c' }), { code: 'ENOENT' });
    writeFileSync(journal(), whole.fill('x', 0, 9), { mode: 0o600 });
    await assert.rejects(save({ c: 'x'.repeat(9_000_000) }), SnapshotDamage);
  });
});
