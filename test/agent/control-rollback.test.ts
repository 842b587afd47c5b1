import assert from 'node:assert/strict';
import { applyWithRollback, confirm, rollbackAnswer } from '../../src/agent/control-rollback.ts';
import type { RollbackControlInputs } from '../../src/agent/control-rollback.ts';
import { rollbackView } from '../../src/agent/rollback-view.ts';
import type { RollbackState } from '../../src/agent/rollback-state.ts';
import { ControlError } from '../../src/control/handler.ts';
import { createManualClock } from '../status/manual-clock.ts';

const GOOD = { seconds: 60, files: { 'a.yaml': 'kind: Tier' } };
const NOW = Date.UTC(2026, 10, 25, 10);
const STATES = {
  normal: { kind: 'normal' },
  watching: {
    kind: 'watching',
    by: 'operator',
    until: NOW + 1500,
    objects: ['Tier a'],
    revision: 7,
  },
  'rolled-back': {
    kind: 'rolled-back',
    reason: 'it was not confirmed',
    at: NOW,
    objects: ['Tier a'],
    revision: 7,
  },
} as unknown as Readonly<Record<string, RollbackState>>;

function inputs(
  kind: string,
  { canStage = true, isInSync = true } = {},
): { readonly given: RollbackControlInputs; readonly asked: string[] } {
  const asked: string[] = [];
  const note = (what: string) => () => {
    asked.push(what);
    return Promise.resolve();
  };
  const fails = (what: string) => () => {
    asked.push(what);
    return Promise.reject(new Error('the kernel refused'));
  };
  const given = {
    clock: { ...createManualClock(), now: () => NOW },
    rollback: {
      ...{ state: STATES[kind], saved: note('saved'), confirm: note('confirm') },
      trial: {
        ...{ isPossible: canStage, files: new Map(Object.entries(GOOD.files)) },
        open: () => (asked.push('open'), Promise.resolve(NOW + 60_000)),
        withdraw: note('withdraw'),
      },
    },
    loop: { reconsider: note('reconsider'), view: { isInSync } },
    turns: { next: fails('next') },
  } as unknown as RollbackControlInputs;
  return { given, asked };
}

async function refusal(work: Promise<unknown>): Promise<ControlError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ControlError, String(error));
  return error;
}

describe('applyWithRollback', () => {
  const refused: readonly [string, ReturnType<typeof inputs>, string, RegExp][] = [
    ['with etcd', inputs('normal', { canStage: false }), 'not-file-datastore', /calicoctl/],
    ['before the view is complete', inputs('normal', { isInSync: false }), 'not-in-sync', /status/],
    ['while another change is watched', inputs('watching'), 'window-open', /confirm/],
  ];
  for (const [when, { given, asked }, code, message] of refused)
    it(`is refused ${when}, and touches nothing`, async () => {
      const error = await refusal(applyWithRollback(given, GOOD));
      assert.deepEqual([error.status, error.code], [409, code]);
      assert.match(error.message, message);
      assert.deepEqual(asked, []);
    });

  const bad: readonly [string, unknown, RegExp][] = [
    ['nothing', null, /^seconds: .*5 to 3600/],
    ['a time that is too short', { ...GOOD, seconds: 4 }, /^seconds/],
    ['a time that is too long', { ...GOOD, seconds: 3601 }, /^seconds/],
    ['half a second more', { ...GOOD, seconds: 60.5 }, /^seconds/],
    ['no files', { ...GOOD, files: {} }, /^files/],
    ['files that are a list', { ...GOOD, files: null }, /^files/],
    ['a name that leads elsewhere', { ...GOOD, files: { '../a.yaml': '' } }, /^files/],
    ['a name that is no manifest’s', { ...GOOD, files: { a: '' } }, /^files/],
    ['a text that is none', { ...GOOD, files: { 'a.yaml': 1 } }, /^files/],
  ];
  for (const [what, body, message] of bad)
    it(`refuses ${what}, and says what to write`, async () => {
      const error = await refusal(applyWithRollback(inputs('normal').given, body));
      assert.equal(error.status, 400);
      assert.match(error.message, message);
    });

  it('withdraws what could not be applied', async () => {
    const { given, asked } = inputs('normal');
    const error = await refusal(applyWithRollback(given, GOOD));
    assert.equal(error.status, 502);
    assert.match(error.message, /rules in force stay: the kernel refused/);
    assert.equal(asked.at(-1), 'withdraw');
  });
});

describe('confirm', () => {
  it('has nothing to confirm when nothing waits', async () => {
    const error = await refusal(confirm(inputs('normal').given));
    assert.deepEqual([error.status, error.code], [409, 'nothing-to-confirm']);
  });

  it('keeps what was tried without writing anything', async () => {
    const { given, asked } = inputs('watching');
    const answer = await confirm(given);
    assert.deepEqual(answer, { confirmed: 'watching', objects: ['Tier a'], applied: null });
    assert.deepEqual(asked, ['confirm', 'reconsider']);
  });
});

describe('rollbackView', () => {
  it('tells how long is left, and by whom it was opened', () => {
    const { secondsLeft, by, until, reason, objects } = rollbackAnswer(inputs('watching').given);
    assert.deepEqual([secondsLeft, by, reason, objects], [2, 'operator', null, ['Tier a']]);
    assert.equal(until, '2026-11-25T10:00:01.500Z');
  });

  it('tells why rules were taken back, and since when', () => {
    const { given } = inputs('rolled-back');
    const { reason, since, until } = rollbackView(given.rollback.state, NOW);
    assert.deepEqual(
      [reason, since, until],
      ['it was not confirmed', '2026-11-25T10:00:00.000Z', null],
    );
  });

  it('tells nothing of a host on which nothing waits', () => {
    const { state, objects, revision } = rollbackView(inputs('normal').given.rollback.state, NOW);
    assert.deepEqual([state, objects, revision], ['normal', [], null]);
  });
});
