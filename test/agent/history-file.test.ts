import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { historyLine, parseHistory, HISTORY_HEAD } from '../../src/agent/history-format.ts';
import {
  DAMAGED_FILE,
  HISTORY_FILE,
  HistoryFile,
  OLDER_FILE,
} from '../../src/agent/history-file.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { HistoryRecord } from '../../src/report/history.ts';

const DAY = 86_400_000;

function record(number: number, at = number): HistoryRecord {
  const objects = [{ name: `GlobalNetworkPolicy p${number}`, change: 'updated' as const }];
  const moment = { at: new Date(at).toISOString(), revision: number, objects };
  return { kind: 'members', ...moment, turns: 1, sets: [] };
}

describe('HistoryFile', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-history-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const fresh = (bytes = 1 << 20, ageMs = 400 * DAY): HistoryFile =>
    new HistoryFile(directory, silentLogger, { bytes, ageMs });
  const path = (name: string): string => join(directory, name);
  const revisions = (file: HistoryFile): readonly number[] =>
    file.read(0).map(({ revision }) => revision);

  it('keeps records over a restart, for its owner only', async () => {
    await fresh().append([record(1), record(2)], 0);
    const next = fresh();
    await next.append([record(3)], 0);
    assert.deepEqual(revisions(next), [1, 2, 3]);
    assert.equal(statSync(path(HISTORY_FILE)).mode & 0o777, 0o600);
  });

  it('stays within its bound however much is written, and keeps the newest', async function () {
    this.timeout(30_000);
    const file = fresh(8192);
    for (let i = 0; i < 150; i++) await file.append([record(i)], 0);
    const sizes = [HISTORY_FILE, OLDER_FILE].map((name) => statSync(path(name)).size);
    assert.ok(
      sizes.every((size) => size <= 4096),
      String(sizes),
    );
    const kept = revisions(file);
    assert.equal(kept.at(-1), 149);
    assert.ok(kept.length > 8 && kept.every((one, i) => one === 150 - kept.length + i));
  });

  it('lets go of what is too old', async () => {
    const file = fresh(1 << 20, 10 * DAY);
    await file.append([record(1, 0)], 0);
    await file.append([record(2, 11 * DAY)], 11 * DAY);
    assert.deepEqual(
      file.read(11 * DAY).map(({ revision }) => revision),
      [2],
    );
    await file.append([record(3, 30 * DAY)], 30 * DAY);
    assert.ok(!readFileSync(path(OLDER_FILE), 'utf8').includes('"revision":1,'));
  });

  it('leaves out a last line that power was lost in', async () => {
    await fresh().append([record(1)], 0);
    const line = historyLine(record(2));
    for (let cut = 1; cut < line.length; cut += 7) {
      appendFileSync(path(HISTORY_FILE), line.slice(0, cut));
      const next = fresh();
      assert.equal(await next.open(), false, `cut at ${cut}`);
      assert.deepEqual(revisions(next), [1]);
    }
    assert.ok(!existsSync(path(DAMAGED_FILE)));
  });

  it('moves a damaged file aside and goes on with what can be read', async () => {
    await fresh().append([record(1), record(2), record(3)], 0);
    const text = readFileSync(path(HISTORY_FILE), 'utf8');
    writeFileSync(
      path(HISTORY_FILE),
      text.replace('GlobalNetworkPolicy p2', 'GlobalNetworkPolicy pX'),
    );
    const next = fresh();
    assert.equal(await next.open(), true);
    assert.deepEqual(revisions(next), [1, 3]);
    assert.ok(readFileSync(path(DAMAGED_FILE), 'utf8').includes('pX'));
    assert.equal(await fresh().open(), false);
  });

  it('moves a pipe aside instead of waiting for it', async () => {
    for (const name of [HISTORY_FILE, OLDER_FILE]) {
      execFileSync('mkfifo', ['-m', '600', path(name)]);
      const file = fresh();
      assert.equal(await file.open(), true);
      await file.append([record(1)], 0);
      assert.deepEqual(revisions(file), [1]);
      assert.ok(statSync(path(DAMAGED_FILE)).isFIFO());
      rmSync(path(HISTORY_FILE));
    }
  });

  it('does not wait for a pipe that takes the place of its file', async () => {
    const file = fresh();
    await file.append([record(1)], 0);
    rmSync(path(HISTORY_FILE));
    execFileSync('mkfifo', ['-m', '600', path(HISTORY_FILE)]);
    await assert.rejects(file.append([record(2)], 0), { code: 'ENXIO' });
    await file.append([record(3)], 0);
    assert.deepEqual(revisions(file), [3]);
  });

  it('reads nothing from anything, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { records, isTorn, damaged } = parseHistory(text);
        assert.equal(records.length, 0);
        assert.ok(text === '' || text === `${HISTORY_HEAD}\n` || isTorn || damaged > 0);
      }),
    );
  });
});
