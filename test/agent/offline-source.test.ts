import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { OFFLINE_AFTER_MS, OfflineSource } from '../../src/agent/offline-source.ts';
import type { SavedView } from '../../src/agent/snapshot-format.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';
import { err, ok } from '../../src/base/result.ts';
import type { Result } from '../../src/base/result.ts';
import type { SourceEvent, SourceListener } from '../../src/source/source.ts';
import { ManualClock } from '../support/manual-clock.ts';

const LOST: SourceEvent = { kind: 'lost', error: new Error('refused') };

function state(name: string, value: string | null, revision = 1): RawUpdate {
  const bytes = value === null ? null : Buffer.from(value);
  return { key: `${RESOURCE_PREFIX}tiers/${name}`, value: bytes, revision };
}

function updates(...states: readonly RawUpdate[]): SourceEvent {
  return { kind: 'updates', updates: states, revision: 5 };
}

describe('OfflineSource', () => {
  let clock: ManualClock;
  let saved: Result<SavedView, string> | null;
  let tell: SourceListener;
  let heard: SourceEvent[];
  let redelivered: number;
  let source: OfflineSource;

  beforeEach(() => {
    clock = new ManualClock();
    saved = ok({ revision: 3, takenAt: 0, updates: [state('a', 'a'), state('b', 'b')] });
    heard = [];
    redelivered = 0;
    const inner = {
      start: (listener: SourceListener) => {
        tell = listener;
      },
      resync: () => undefined,
      redeliver: () => {
        redelivered++;
      },
      close: () => Promise.resolve(),
    };
    source = new OfflineSource(inner, {
      clock,
      logger: silentLogger,
      read: () => saved,
      delivered: () => undefined,
      complete: () => undefined,
    });
    source.start((event) => heard.push(event));
  });

  const kinds = (): readonly string[] => heard.map(({ kind }) => kind);

  /** What a listener holds that applies all updates. */
  const view = (): Readonly<Record<string, string>> => {
    const all = heard.flatMap((event) => (event.kind === 'updates' ? event.updates : []));
    const held = new Map(all.map(({ key, value }) => [key.split('/').at(-1) ?? '', value]));
    const present = [...held].filter(([, value]) => value !== null);
    return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
  };

  it('passes everything on while the datastore is there', () => {
    const events = [updates(state('a', 'x')), { kind: 'in-sync', revision: 5 }, LOST] as const;
    for (const event of events) tell(event);
    clock.advance(OFFLINE_AFTER_MS);
    assert.deepEqual(heard, events);
    assert.deepEqual(source.faults(), []);
  });

  it('delivers the saved view when the datastore is lost before its first view', () => {
    tell(LOST);
    assert.deepEqual(kinds(), ['updates', 'saved', 'lost']);
    assert.deepEqual(view(), { a: 'a', b: 'b' });
    assert.equal(source.faults()[0]?.code, 'snapshot-in-force');
  });

  it('delivers it after a while when nothing is heard at all', () => {
    clock.advance(OFFLINE_AFTER_MS);
    assert.deepEqual(kinds(), ['updates', 'saved']);
  });

  it('waits for a list that has begun', () => {
    tell(updates(state('a', 'x')));
    clock.advance(OFFLINE_AFTER_MS);
    assert.deepEqual(kinds(), ['updates']);
  });

  it('holds back what comes until it is complete, and takes away what is gone', () => {
    tell(LOST);
    tell(updates(state('a', 'x'), state('c', 'c')));
    tell(updates(state('c', null)));
    assert.deepEqual(view(), { a: 'a', b: 'b' });
    tell({ kind: 'in-sync', revision: 5 });
    assert.deepEqual(view(), { a: 'x' });
    assert.deepEqual(kinds(), ['updates', 'saved', 'lost', 'updates', 'in-sync']);
    assert.deepEqual(source.faults(), []);
  });

  it('undoes a list that broke off, and asks for it once more', () => {
    tell(updates(state('a', 'x'), state('new', 'new')));
    tell(LOST);
    assert.deepEqual(view(), { a: 'a', b: 'b' });
    assert.equal(redelivered, 1);
  });

  it('names what is wrong with the saved view, and goes on without', () => {
    saved = err('it was cut short');
    tell(LOST);
    assert.deepEqual(kinds(), ['lost']);
    assert.match(source.faults()[0]?.message ?? '', /it was cut short/);
    tell({ kind: 'in-sync', revision: 5 });
    assert.deepEqual(source.faults(), []);
  });

  it('does nothing when nothing was saved', () => {
    saved = null;
    tell(LOST);
    assert.deepEqual(kinds(), ['lost']);
    assert.deepEqual(source.faults(), []);
  });
});
