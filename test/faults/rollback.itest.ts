import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CUTS_ETCD, CUTS_SSH, opening, RollbackBench } from './rollback-bench.ts';

const PORT = 8055;
const OTHER_PORT = 8056;
const WITHIN = { RAMPART_ROLLBACK_WITHIN: '5s' };
const ROLLED_BACK = /the rules of before are in force again/;

describe('rules that cut the daemon off from etcd', () => {
  let bench: RollbackBench;

  before(async () => {
    bench = await RollbackBench.start({ ...WITHIN, RAMPART_ROLLBACK_ON_DATASTORE_LOSS: 'true' });
  });
  after(async () => {
    await bench.stop();
  });

  it('are kept while they are good', async () => {
    await bench.apply(opening(OTHER_PORT));
    const { rollback } = await bench.status();
    assert.deepEqual([rollback.state, rollback.by], ['watching', 'daemon']);
    assert.ok((rollback.secondsLeft ?? 0) <= 5);
    await bench.settled();
    assert.equal(await bench.isOpen('other'), true);
    await bench.apply(opening(PORT));
    await bench.settled();
  });

  it('come to an end by themselves, with an alarm that names the policy', async () => {
    const { position } = bench.daemon;
    await bench.apply(opening(PORT), CUTS_ETCD);
    assert.equal(await bench.reachesEtcd(), false);
    await bench.said(ROLLED_BACK, position);
    await bench.restored();
    assert.equal(await bench.reachesEtcd(), true);
    assert.equal(await bench.isOpen('port'), true);
    const { alarms, rollback, rulesInForce } = await bench.status();
    const alarm = alarms.find(({ code }) => code === 'rolled-back');
    assert.deepEqual(alarm?.objects, ['GlobalNetworkPolicy cut']);
    assert.match(alarm.message, /GlobalNetworkPolicy cut .* cut this host off from its datastore/);
    assert.deepEqual([rollback.state, rollback.reason], ['rolled-back', 'datastore-lost']);
    assert.equal(rulesInForce, 'last-good');
  });

  it('are not applied again, neither by a reapply nor by a restart', async () => {
    await bench.client.reapply();
    assert.equal(await bench.reachesEtcd(), true);
    await bench.daemon.kill();
    await bench.daemon.start();
    assert.equal(await bench.reachesEtcd(), true);
    assert.equal((await bench.status()).rollback.state, 'rolled-back');
  });

  it('leave everything as it is when the rules of before are gone at a restart', async () => {
    await bench.daemon.kill();
    rmSync(join(bench.daemon.stateDir, 'rollback-rules.json'));
    const { position } = bench.daemon;
    bench.daemon.launch();
    await bench.said(/^in sync with etcd/, position);
    await bench.alarmed('rollback-rules-gone');
    assert.equal(await bench.reachesEtcd(), true);
  });

  it('are applied when an operator confirms them', async () => {
    const answer = await bench.client.confirm();
    assert.deepEqual(answer.objects, ['GlobalNetworkPolicy cut']);
    assert.ok(answer.applied !== null);
    assert.equal(await bench.reachesEtcd(), false);
    const { alarms, rollback, rulesInForce } = await bench.status();
    assert.deepEqual([rollback.state, rulesInForce], ['normal', 'current']);
    assert.equal(
      alarms.some(({ code }) => code === 'rolled-back' || code === 'rollback-rules-gone'),
      false,
    );
    await assert.rejects(bench.client.confirm(), /no change of the rules waits/);
  });

  it('are tried again when the policy changes', async () => {
    const { position } = bench.daemon;
    await bench.apply(opening(PORT));
    await bench.settled();
    await bench.apply(opening(PORT), CUTS_ETCD);
    await bench.said(ROLLED_BACK, position);
    await bench.restored();
    await bench.apply(opening(OTHER_PORT));
    assert.equal(await bench.isOpen('other'), true);
    assert.notEqual((await bench.status()).rollback.state, 'rolled-back');
    assert.equal((await bench.status()).rulesInForce, 'current');
  });
});

describe('rules that refuse an established SSH session', () => {
  let bench: RollbackBench;

  before(async () => {
    bench = await RollbackBench.start({ ...WITHIN, RAMPART_ROLLBACK_ON_SSH_LOSS: 'true' });
  });
  after(async () => {
    await bench.stop();
  });

  it('are kept while nobody is logged in', async () => {
    await bench.apply(opening(PORT), CUTS_SSH);
    await bench.settled();
    assert.equal(await bench.isOpen('ssh'), false);
    await bench.apply(opening(PORT));
    await bench.settled();
  });

  it('are taken back at once, so that the session goes on', async () => {
    await bench.login('admin');
    const { position } = bench.daemon;
    await bench.apply(opening(PORT), CUTS_SSH);
    await bench.said(ROLLED_BACK, position);
    await bench.restored();
    assert.equal(await bench.isAlive('admin'), true);
    const { rollback, alarms } = await bench.status();
    assert.equal(rollback.reason, 'ssh-lost');
    assert.match(
      alarms.find(({ code }) => code === 'rolled-back')?.message ?? '',
      /GlobalNetworkPolicy cut .* refused an established SSH session/,
    );
  });
});

describe('rules that cut everything off, where parity with Calico is wanted', () => {
  let bench: RollbackBench;

  before(async () => {
    bench = await RollbackBench.start(WITHIN);
  });
  after(async () => {
    await bench.stop();
  });

  it('stay', async () => {
    await bench.login('admin');
    await bench.apply(opening(PORT), CUTS_SSH, { ...CUTS_ETCD, metadata: { name: 'cut-etcd' } });
    assert.deepEqual((await bench.status()).rollback.state, 'normal');
    assert.equal(await bench.isOpen('ssh'), false);
    assert.equal(await bench.isAlive('admin'), false);
    assert.equal(await bench.reachesEtcd(), false);
  });
});
