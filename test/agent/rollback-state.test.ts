import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  changed,
  confirmed,
  isHolding,
  judgedBad,
  judgedGood,
  NORMAL,
  opened,
  resumed,
  withdrawn,
} from '../../src/agent/rollback-state.ts';
import { parseState } from '../../src/agent/rollback-state-text.ts';
import type { RollbackState } from '../../src/agent/rollback-state.ts';

const CHANGE = { objects: ['GlobalNetworkPolicy web'], revision: 7 };
const HELD = { rules: 'bad', members: null };
const WATCHED: RollbackState = { kind: 'watching', by: 'daemon', until: 100, ...CHANGE };

describe('the states of a rollback', () => {
  it('watches nothing where that is not asked for', () => {
    assert.deepEqual(changed(NORMAL, CHANGE, null), NORMAL);
  });

  it('watches a change, and is content when its time is over', () => {
    const watching = changed(NORMAL, CHANGE, 100);
    assert.deepEqual(watching, WATCHED);
    assert.deepEqual(judgedGood(watching), NORMAL);
  });

  it('remembers all that changed while it watches, and watches the last change in full', () => {
    const more = changed(WATCHED, { objects: ['Tier a', ...CHANGE.objects], revision: 9 }, 150);
    const objects = ['GlobalNetworkPolicy web', 'Tier a'];
    assert.deepEqual(more, { kind: 'watching', by: 'daemon', until: 150, objects, revision: 9 });
  });

  it('never moves the end that an operator was told', () => {
    const after = changed(opening(NORMAL, 60), CHANGE, 150);
    assert.ok(after.kind === 'watching');
    assert.deepEqual([after.by, after.until], ['operator', 60]);
  });

  it('goes back, or says that it cannot', () => {
    const bad = judgedBad(WATCHED, 'ssh-lost', { at: 50, held: HELD });
    assert.deepEqual(bad, {
      ...{ kind: 'rolled-back', by: 'daemon', reason: 'ssh-lost', at: 50, held: HELD },
      ...CHANGE,
    });
    const stuck = judgedBad(WATCHED, 'ssh-lost', { at: 50, held: null });
    assert.equal(stuck.kind, 'stuck');
  });

  it('applies what is held once it is confirmed, and does not watch that', () => {
    const bad = judgedBad(WATCHED, 'datastore-lost', { at: 50, held: HELD });
    const accepting = confirmed(bad);
    assert.deepEqual(accepting, { kind: 'normal', isAccepting: true });
    assert.deepEqual(changed(accepting, CHANGE, 200), NORMAL);
  });

  it('takes what an operator did not confirm for not confirmed after a restart, and watches on otherwise', () => {
    const trial = resumed(changed(opening(NORMAL, 100), CHANGE, null), 20, 50);
    assert.deepEqual(trial, {
      ...{ kind: 'rolled-back', by: 'operator', reason: 'not-confirmed', at: 20, held: null },
      ...CHANGE,
    });
    const watching = resumed(WATCHED, 20, 50);
    assert.ok(watching.kind === 'watching');
    assert.equal(watching.until, 50);
  });

  it('tries nothing while rules are held', () => {
    const bad = judgedBad(WATCHED, 'ssh-lost', { at: 50, held: HELD });
    assert.equal(opened(bad, CHANGE, 100), null);
    const notHeld = judgedBad(opening(NORMAL, 60), 'not-confirmed', { at: 60, held: null });
    assert.equal(opening(notHeld, 100).kind, 'watching');
  });

  it('goes back to where it stood when a trial is withdrawn, unless that was judged meanwhile', () => {
    const stuck = judgedBad(WATCHED, 'ssh-lost', { at: 50, held: null });
    for (const before of [NORMAL, stuck])
      assert.equal(withdrawn(opening(before, 60), before), before);
    const bad = judgedBad(opening(NORMAL, 60), 'not-confirmed', { at: 60, held: HELD });
    assert.equal(withdrawn(bad, NORMAL), bad);
    assert.equal(withdrawn(WATCHED, NORMAL), WATCHED);
  });

  it('drops no hold over a trial, whatever came before and after', () => {
    const step = fc.constantFrom('change', 'open', 'bad', 'good', 'restart', 'withdraw');
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let state: RollbackState = NORMAL;
        for (const one of steps) {
          const before: RollbackState = state;
          state = after(one, before);
          if (one !== 'change' && isHolding(before)) assert.equal(state, before, one);
        }
      }),
    );
  });

  it('never calls rules bad that nobody watches, whatever came before', () => {
    const step = fc.constantFrom('change', 'open', 'bad', 'good', 'confirm', 'restart');
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let state: RollbackState = NORMAL;
        for (const one of steps) {
          const before: RollbackState = state;
          state = after(one, before);
          const isBad = state.kind === 'rolled-back' || state.kind === 'stuck';
          if (isBad)
            assert.ok(
              before === state || before.kind === 'watching',
              `${one} after ${before.kind}`,
            );
          assert.deepEqual(parseState(JSON.stringify(state)), state);
          if (one === 'confirm') assert.equal(state.kind, 'normal');
        }
      }),
    );
  });
});

describe('the state of a rollback as text', () => {
  it('is refused when it is anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        assert.throws(() => parseState(text));
      }),
    );
    for (const wrong of [
      { kind: 'watching' },
      { ...WATCHED, until: 1e99 },
      { ...WATCHED, objects: [1] },
    ])
      assert.throws(
        () => parseState(JSON.stringify(wrong)),
        /does not say where a rollback stands/,
      );
  });
});

function opening(state: RollbackState, until: number): RollbackState {
  const trial = opened(state, { objects: [], revision: 1 }, until);
  assert.ok(trial !== null);
  return trial;
}

function after(step: string, state: RollbackState): RollbackState {
  switch (step) {
    case 'change':
      return changed(state, CHANGE, 10);
    case 'open':
      return opened(state, CHANGE, 10) ?? state;
    case 'withdraw':
      return withdrawn(state, NORMAL);
    case 'bad':
      return judgedBad(state, 'datastore-lost', { at: 1, held: HELD });
    case 'good':
      return judgedGood(state);
    case 'confirm':
      return confirmed(state);
    default:
      return resumed(state, 0, 10);
  }
}
