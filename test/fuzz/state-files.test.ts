import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readBootReport } from '../../src/agent/boot-report.ts';
import { Flushed } from '../../src/agent/flushed.ts';
import { LARGEST_SNAPSHOT_BYTES } from '../../src/agent/own-file.ts';
import { JOURNAL_FILE, readSnapshot } from '../../src/agent/snapshot-file.ts';
import { formatRecord, formatSnapshot, parseSnapshot } from '../../src/agent/snapshot-format.ts';
import { LARGEST_STATE_BYTES } from '../../src/agent/state-file.ts';
import { TrustedCluster } from '../../src/agent/trusted-cluster.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import { STORED_SAMPLES } from '../resource/stored-samples.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { fuzz, hostileText, inTime } from './cases.ts';

const HEAD = { revision: 42, takenAt: Date.parse('2026-08-03T10:15:00.000Z') };
const WHOLE = Buffer.from(
  [
    ...formatSnapshot(
      HEAD,
      STORED_SAMPLES.map(({ value }, i) =>
        formatRecord(`${RESOURCE_PREFIX}tiers/t${i}`, Buffer.from(value), i),
      ),
    ),
  ].join(''),
);

/** The whole file cut, with bits flipped, bytes repeated, or parts of it elsewhere. */
const damaged = fc
  .tuple(
    fc.constantFrom('cut', 'flip', 'repeat', 'swap', 'insert'),
    fc.nat(WHOLE.length - 1),
    fc.nat(WHOLE.length - 1),
    fc.nat(7),
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
  )
  .map(([how, one, other, bit, some]) => {
    const [from, to] = [Math.min(one, other), Math.max(one, other)];
    const [before, between, behind] = [
      WHOLE.subarray(0, from),
      WHOLE.subarray(from, to),
      WHOLE.subarray(to),
    ];
    switch (how) {
      case 'cut':
        return before;
      case 'flip':
        return Buffer.concat([
          before,
          Buffer.of((WHOLE[from] ?? 0) ^ (1 << bit)),
          WHOLE.subarray(from + 1),
        ]);
      case 'repeat':
        return Buffer.concat([before, between, between, behind]);
      case 'swap':
        return Buffer.concat([between, before, behind]);
      case 'insert':
        return Buffer.concat([before, some, between, behind]);
    }
  })
  .filter((bytes) => !bytes.equals(WHOLE));

/** A head that other versions, or nobody, would write. */
const oddHead = fc.record(
  {
    format: fc.constantFrom('rampart-snapshot', '', 7),
    version: fc.oneof(fc.constantFrom(1, 2, '1', null), fc.nat()),
    takenAt: fc.oneof(fc.constant('2026-08-03T10:15:00.000Z'), hostileText),
    revision: fc.oneof(fc.nat(), fc.constantFrom(-1, 1e300, 0.5, null, '7')),
  },
  { requiredKeys: [] },
);
const anyLine = fc.oneof(
  hostileText,
  oddHead.map((head) => JSON.stringify(head)),
  fc.nat(1e6).map((records) => JSON.stringify({ records, sha256: 'f'.repeat(64) })),
  fc
    .tuple(hostileText, fc.oneof(fc.nat(), hostileText), hostileText)
    .map(([key, revision, value]) =>
      [JSON.stringify(RESOURCE_PREFIX + key), revision, JSON.stringify(value)].join('\t'),
    ),
);

/** Lines under a head and over a tail that are right. */
function sealed(lines: readonly string[]): readonly string[] {
  const records = lines.map((line) => line.replaceAll('\n', ' '));
  return [...formatSnapshot(HEAD, records)].map((line) => line.slice(0, -1));
}

describe('files of the state directory, with anything at all', function () {
  this.timeout(0);
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-state-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const file = (name: string): string => join(directory, name);

  function open(): { readonly flushed: Flushed; readonly trusted: TrustedCluster } {
    const flushed = Flushed.open(directory, { clock: createManualClock(), logger: silentLogger });
    const trusted = TrustedCluster.open(directory, silentLogger);
    const report = readBootReport({ runDir: directory, stateDir: directory });
    assert.ok(['boot', 'last-good'].includes(report.rules));
    report.faults();
    return { flushed, trusted };
  }

  it('a snapshot is refused whatever the damage, with a reason', () => {
    assert.ok(parseSnapshot(WHOLE.toString().split('\n').slice(0, -1)).ok);
    fuzz(
      'snapshots with damage',
      fc.property(damaged, fc.nat(99), (bytes, oneOf) => {
        // Reading files takes most of the time: one of a hundred is a real one.
        const read = inTime(() => {
          if (oneOf > 0) return parseSnapshot(bytes.toString('utf8').split('\n').slice(0, -1));
          writeFileSync(file('snapshot'), bytes, { mode: 0o600 });
          return readSnapshot(directory);
        });
        // What is behind the last end of a line is not among those lines.
        const isWhole = oneOf > 0 && bytes.subarray(0, WHOLE.length).equals(WHOLE);
        if (!isWhole) assert.ok(read?.ok === false && read.error !== '');
      }),
    );
  });

  it('a snapshot of anything is read or refused, with a right checksum too', () => {
    fuzz(
      'snapshots of anything',
      fc.property(fc.array(anyLine, { maxLength: 8 }), fc.boolean(), (lines, isSealed) => {
        const read = inTime(() => parseSnapshot(isSealed ? sealed(lines) : lines));
        if (!read.ok) {
          assert.notEqual(read.error, '');
          return;
        }
        for (const { key, revision } of read.value.updates) {
          assert.ok(key.startsWith(RESOURCE_PREFIX));
          assert.ok(Number.isSafeInteger(revision));
        }
      }),
    );
  });

  it('a snapshot of absurd length is refused without being held in memory, and takes no time', () => {
    writeFileSync(file('snapshot'), '', { mode: 0o600 });
    for (const [bytes, complaint] of [
      [LARGEST_SNAPSHOT_BYTES, /no snapshot|too early|within a line/],
      [LARGEST_SNAPSHOT_BYTES + 1, /larger than/],
      [2 ** 42, /larger than/],
    ] as const) {
      truncateSync(file('snapshot'), bytes);
      const startedAt = performance.now();
      const read = readSnapshot(directory);
      assert.ok(read?.ok === false);
      assert.match(read.error, complaint);
      assert.ok(performance.now() - startedAt < 10_000);
    }
  });

  it('the small files are read or reported; what is not read protects the host', () => {
    const small = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      hostileText.map((text) => Buffer.from(text)),
      fc.constantFrom('forever', '-1', '1e9', '0x10', '99999999999999', 'fallback\nwhy\n'),
    );
    fuzz(
      'small files of the state directory',
      fc.property(small, (bytes) => {
        for (const name of ['flushed', 'trusted-cluster', 'boot']) writeFileSync(file(name), bytes);
        const { flushed } = inTime(open);
        const text = Buffer.from(bytes).toString('utf8').trim();
        if (text !== 'forever' && !/^\d{1,12}$/.test(text)) assert.equal(flushed.until, null);
      }),
    );
  });

  for (const [what, make] of [
    ['a directory', mkdirSync],
    ['a pipe that nobody writes to', (path: string) => execFileSync('mkfifo', ['-m', '600', path])],
    [
      'a file of a terabyte',
      (path: string): void => {
        writeFileSync(path, '', { mode: 0o600 });
        truncateSync(path, 2 ** 40);
      },
    ],
    [
      'a file that is just too large',
      (path: string): void => {
        writeFileSync(path, '1'.repeat(LARGEST_STATE_BYTES + 1), { mode: 0o600 });
      },
    ],
  ] as const) {
    it(`${what} in the place of each: reported, never waited for`, () => {
      for (const name of ['flushed', 'trusted-cluster', 'boot', 'snapshot']) make(file(name));
      const { flushed, trusted } = inTime(open);
      assert.equal(flushed.until, null);
      assert.equal(trusted.guid, null);
      assert.equal(inTime(() => readSnapshot(directory))?.ok, false);
    });

    it(`${what} in the place of the journal: the snapshot is read or refused, nothing waited for`, () => {
      writeFileSync(file('snapshot'), WHOLE, { mode: 0o600 });
      make(file(JOURNAL_FILE));
      const read = inTime(() => readSnapshot(directory));
      if (read?.ok === true) assert.equal(read.value.updates.length, STORED_SAMPLES.length);
      else assert.notEqual(read?.error ?? '', '');
    });
  }
});
