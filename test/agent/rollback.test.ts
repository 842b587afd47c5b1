import assert from 'node:assert/strict';
import { setImmediate as settle } from 'node:timers/promises';
import { RollbackRig } from './rollback-rig.ts';

const WEB = ['GlobalNetworkPolicy web'];
const TEXT = new Map([['10-web.yaml', 'text']]);
const WITHIN_MS = 5_000;
const SSH = { onDatastoreLoss: false, onSshLoss: true, withinMs: WITHIN_MS };
const ETCD = { onDatastoreLoss: true, onSshLoss: false, withinMs: WITHIN_MS };
const OFF = { onDatastoreLoss: false, onSshLoss: false, withinMs: WITHIN_MS };

describe('Rollback', () => {
  let rig: RollbackRig;

  afterEach(async () => {
    await rig.dispose();
  });

  describe('a trial of manifests', () => {
    beforeEach(() => {
      rig = new RollbackRig(OFF);
      rig.turn('good', WEB);
    });

    it('that is not confirmed is held, and neither a withdrawal nor another trial changes that', async () => {
      await rig.rollback.trial.open(WITHIN_MS, TEXT);
      assert.equal(rig.turn('bad', WEB), 'bad');
      rig.clock.advance(WITHIN_MS);
      const held = rig.rollback.state;
      assert.ok(held.kind === 'rolled-back' && held.held !== null);
      await rig.rollback.trial.withdraw();
      await assert.rejects(rig.rollback.trial.open(WITHIN_MS, TEXT), /rules are held/);
      assert.equal(rig.rollback.state, held);
      assert.deepEqual(rig.read().state, held);
      assert.deepEqual(rig.staged, [TEXT, new Map()]);
      assert.equal(rig.turn('bad', WEB), 'good');
    });

    it('holds nothing when its time is over before it reached the kernel', async () => {
      await rig.rollback.trial.open(WITHIN_MS, TEXT);
      rig.clock.advance(WITHIN_MS);
      const { state } = rig.rollback;
      assert.ok(state.kind === 'rolled-back');
      assert.deepEqual([state.reason, state.held], ['not-confirmed', null]);
      assert.equal(rig.turn('good', WEB), 'good');
      await rig.rollback.trial.open(WITHIN_MS, TEXT);
      await rig.rollback.trial.withdraw();
      assert.equal(rig.rollback.state, state);
    });

    it('that is confirmed before it was delivered is not in force beside the directory', async () => {
      const opening = rig.rollback.trial.open(WITHIN_MS, TEXT);
      await rig.rollback.confirm();
      await opening;
      assert.equal(rig.rollback.state.kind, 'normal');
      assert.deepEqual(rig.staged.at(-1), new Map());
    });

    it('that is withdrawn is as if it had never been', async () => {
      await rig.rollback.trial.open(WITHIN_MS, TEXT);
      await rig.rollback.trial.withdraw();
      assert.equal(rig.rollback.state.kind, 'normal');
      assert.equal(rig.read().state.kind, 'normal');
      assert.equal(rig.rollback.trial.files.size, 0);
      assert.equal(rig.clock.pending(), 0);
    });
  });

  describe('a trial of manifests that refuses an established SSH session', () => {
    beforeEach(async () => {
      rig = new RollbackRig(SSH);
      rig.turn('good', WEB);
      await rig.rollback.trial.open(WITHIN_MS, TEXT);
      assert.equal(rig.turn('bad', WEB), 'bad');
      rig.refused = ['192.0.2.1 port 50000 to 192.0.2.2 port 22'];
      rig.clock.advance(0);
      await settle();
    });

    it('is held when the directory, which is as it was, has been read again', () => {
      const held = rig.rollback.state;
      assert.ok(held.kind === 'rolled-back' && held.held !== null);
      assert.equal(rig.turn('bad', []), 'good');
      assert.equal(rig.turn('good', WEB), 'good');
      assert.equal(rig.rollback.state, held);
      const [fault] = rig.rollback.faults();
      assert.match(fault?.message ?? '', /refused an established SSH.*try the corrected manifests/);
    });

    it('is held when the same text is put into the directory by hand, until that is confirmed', async () => {
      rig.turn('good', WEB);
      assert.equal(rig.turn('bad', WEB), 'good');
      await rig.restart();
      assert.equal(rig.turn('bad', WEB), 'good');
      await rig.rollback.confirm();
      assert.equal(rig.turn('bad', []), 'bad');
    });
  });

  describe('rules that have to be taken back', () => {
    it('stay, with an alarm, where those of before are not known', async () => {
      rig = new RollbackRig(SSH);
      rig.turn('good', WEB);
      rig.programmed = null;
      rig.turn('bad', WEB);
      rig.refused = ['192.0.2.1 port 50000 to 192.0.2.2 port 22'];
      rig.clock.advance(0);
      await settle();
      assert.equal(rig.rollback.state.kind, 'stuck');
      const [fault] = rig.rollback.faults();
      assert.deepEqual([fault?.code, fault?.objects], ['rollback-impossible', WEB]);
      assert.match(fault?.message ?? '', /refused an established SSH session.*are gone/);
      assert.deepEqual([rig.rewrites, rig.rollback.isSettled], [0, false]);
      assert.equal(rig.turn('bad', []), 'bad');
      await rig.restart();
      assert.equal(rig.rollback.state.kind, 'stuck');
      await rig.rollback.confirm();
      assert.deepEqual([rig.rollback.faults(), rig.rollback.isSettled], [[], true]);
    });
  });

  describe('a change that was watched when the daemon was killed', () => {
    beforeEach(async () => {
      rig = new RollbackRig(ETCD);
      rig.rollback.connected(true);
      rig.turn('good', WEB);
      rig.turn('bad', WEB);
      rig.clock.advance(WITHIN_MS - 1);
      await settle();
      await rig.restart();
    });

    it('is watched anew, for its whole time', () => {
      const { state } = rig.rollback;
      assert.ok(state.kind === 'watching');
      assert.equal(state.until, rig.clock.now() + WITHIN_MS);
    });

    it('is taken back at the end where the datastore was not reached', async () => {
      assert.equal(rig.turn('bad', WEB), 'bad');
      rig.clock.advance(WITHIN_MS - 1);
      await settle();
      assert.equal(rig.rollback.state.kind, 'watching');
      rig.clock.advance(1);
      assert.equal(rig.rollback.state.kind, 'rolled-back');
      assert.equal(rig.rewrites, 1);
      assert.equal(rig.turn('bad', []), 'good');
      await rig.restart();
      assert.equal(rig.turn('bad', WEB), 'good');
    });

    it('stays where the datastore was reached', async () => {
      rig.rollback.connected(true);
      assert.equal(rig.turn('bad', WEB), 'bad');
      rig.clock.advance(WITHIN_MS);
      await rig.rollback.saved();
      assert.deepEqual([rig.rollback.state.kind, rig.read().state.kind], ['normal', 'normal']);
    });
  });

  describe('the datastore that is watched after a change', () => {
    beforeEach(() => {
      rig = new RollbackRig(ETCD);
      rig.rollback.connected(true);
      rig.turn('good', WEB);
    });

    it('is reached when it accepts one connection', async () => {
      rig.reach = () => Promise.resolve(true);
      rig.turn('better', WEB);
      rig.clock.advance(0);
      await settle();
      rig.reach = () => Promise.resolve(false);
      rig.clock.advance(WITHIN_MS);
      assert.equal(rig.rollback.state.kind, 'normal');
    });

    it('is not reached when the rules changed again while it was asked', async () => {
      let accept = (): void => undefined;
      rig.reach = () =>
        new Promise((resolve) => {
          accept = () => {
            resolve(true);
          };
        });
      rig.turn('better', WEB);
      rig.clock.advance(0);
      rig.reach = () => Promise.resolve(false);
      await settle();
      rig.turn('bad', WEB);
      accept();
      await settle();
      rig.clock.advance(WITHIN_MS);
      assert.equal(rig.rollback.state.kind, 'rolled-back');
      assert.equal(rig.turn('bad', []), 'good');
    });
  });
});
