import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROLLBACK_COMMANDS } from '../../daemon/ctl/online/rollback-commands.ts';
import type { StatusAnswer } from '../../src/control/wire.ts';
import { ctl } from '../daemon/ctl/run.ts';
import type { CtlRun } from '../daemon/ctl/run.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { DaemonHere } from './daemon-here.ts';
import { MANIFESTS } from './manifests.ts';

const LIMIT_MS = 20_000;

function opening(port: number): string {
  return `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: tried}
spec:
  selector: all()
  types: [Ingress]
  ingress:
    - {action: Allow, protocol: TCP, destination: {ports: [${port}]}}
`;
}

function another(port: number): string {
  return opening(port).replace('name: tried', 'name: more');
}

describeInNamespace('manifests that are tried', () => {
  let place: DaemonHere;
  let directory: string;
  let desk: string;
  const outside = { ...process.env };

  before(async function () {
    this.timeout(60_000);
    place = new DaemonHere();
    directory = join(place.home, 'resources');
    desk = join(place.home, 'desk');
    mkdirSync(desk);
    process.env['RAMPART_RUN_DIR'] = place.runDir;
    process.env['DATASTORE_TYPE'] = 'file';
    process.env['RAMPART_DATASTORE_DIRECTORY'] = directory;
    await place.daemon.start();
  });
  after(async () => {
    process.env = outside;
    await place.dispose();
  });

  const write = (name: string, text: string): string => {
    writeFileSync(join(desk, name), text);
    return join(desk, name);
  };
  const attempt = (within: string, ...files: readonly string[]): Promise<CtlRun> =>
    ctl(['apply-with-rollback', '--within', within, ...files]);
  const status = async (): Promise<StatusAnswer> =>
    JSON.parse((await ctl(['status', '-o', 'json'])).out) as StatusAnswer;
  const rules = async (): Promise<string> => (await ctl(['policies'])).out;
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    const end = Date.now() + LIMIT_MS;
    while (!(await condition())) {
      assert.ok(Date.now() < end, JSON.stringify(await status()));
      await delay(20);
    }
  };

  it('examples: tried, then confirmed, and written to the directory only then', async () => {
    const path = write('10-hosts.yaml', opening(8001));
    const [trial, confirmation] = ROLLBACK_COMMANDS.map(({ examples }) => examples[0]?.line ?? '');
    const line = trial?.replace('/etc/rampart/resources/10-hosts.yaml', path) ?? '';
    const tried = await ctl(line.split(' ').slice(1));
    assert.deepEqual([tried.exitCode, tried.err], [0, '']);
    assert.match(tried.out, /GlobalNetworkPolicy tried\nUntil .* To keep it: rampartctl confirm/);
    assert.match(await rules(), /8001/);
    assert.equal(existsSync(join(directory, '10-hosts.yaml')), false);
    const { rollback } = await status();
    assert.deepEqual([rollback.by, rollback.objects], ['operator', ['GlobalNetworkPolicy tried']]);
    assert.match((await ctl(['status'])).out, /^to be CONFIRMED within \d+ s/);

    const confirmed = await ctl((confirmation ?? '').split(' ').slice(1));
    assert.deepEqual([confirmed.exitCode, confirmed.err], [0, '']);
    assert.equal(readFileSync(join(directory, '10-hosts.yaml'), 'utf8'), opening(8001));
    assert.equal((await status()).rollback.state, 'normal');
    assert.match(await rules(), /8001/);
  });

  it('replace a file, of which the old text is kept beside it', async () => {
    const { exitCode } = await attempt('60s', write('10-hosts.yaml', opening(8002)));
    assert.equal(exitCode, 0);
    assert.match(await rules(), /8002/);
    assert.equal((await ctl(['confirm', '-o', 'json'])).exitCode, 0);
    assert.equal(readFileSync(join(directory, '10-hosts.yaml'), 'utf8'), opening(8002));
    assert.equal(readFileSync(join(directory, '10-hosts.yaml~'), 'utf8'), opening(8001));
  });

  it('come to an end by themselves when nobody confirms them', async () => {
    await attempt('5s', write('10-hosts.yaml', opening(8003)));
    assert.match(await rules(), /8003/);
    const again = await attempt('60s', write('10-hosts.yaml', opening(8004)));
    assert.equal(again.exitCode, 1);
    assert.match(again.err, /another change is watched until .*rampartctl confirm/);
    await until(async () => (await rules()).includes('8002'));
    assert.equal(readFileSync(join(directory, '10-hosts.yaml'), 'utf8'), opening(8002));
    const { alarms, rollback } = await status();
    assert.equal(rollback.reason, 'not-confirmed');
    const alarm = alarms.find(({ code }) => code === 'rolled-back');
    assert.deepEqual(alarm?.objects, ['GlobalNetworkPolicy tried']);
    assert.match(alarm.message, /was not confirmed in time/);
  });

  it('are held when the same text is put into the directory by hand, until that is confirmed', async () => {
    writeFileSync(join(directory, '10-hosts.yaml'), opening(8003));
    await until(async () => (await status()).rulesInForce === 'last-good');
    assert.match((await ctl(['status'])).out, /^ROLLED BACK: /);
    const trial = await attempt('5s', write('30-more.yaml', another(8010)));
    assert.equal(trial.exitCode, 1);
    assert.match(trial.err, /GlobalNetworkPolicy tried is held.*"rampartctl confirm" applies it/);
    assert.doesNotMatch(await rules(), /8003|8010/);
    assert.equal((await status()).rollback.state, 'rolled-back');
    const { exitCode, out } = await ctl(['confirm']);
    assert.equal(exitCode, 0);
    assert.match(out, /applied: GlobalNetworkPolicy tried/);
    assert.match(await rules(), /8003/);
    const nothing = await ctl(['confirm']);
    assert.equal(nothing.exitCode, 1);
    assert.match(nothing.err, /no change of the rules waits for anybody/);
  });

  it('count as not confirmed when the daemon is killed meanwhile', async () => {
    const before = readFileSync(join(directory, '10-hosts.yaml'), 'utf8');
    const good = readFileSync(join(place.daemon.stateDir, 'last-good.nft'), 'utf8');
    await attempt('60s', write('10-hosts.yaml', opening(8005)));
    assert.match(await rules(), /8005/);
    await place.daemon.kill();
    // What a boot would load.
    assert.equal(readFileSync(join(place.daemon.stateDir, 'last-good.nft'), 'utf8'), good);
    await place.daemon.start();
    assert.match(await rules(), /8003/);
    assert.equal(readFileSync(join(directory, '10-hosts.yaml'), 'utf8'), before);
    const { alarms } = await status();
    assert.match(
      alarms.find(({ code }) => code === 'rolled-back')?.message ?? '',
      /GlobalNetworkPolicy tried .* was not confirmed in time/,
    );
    assert.equal((await ctl(['confirm'])).exitCode, 0);
  });

  it('hold nothing where they changed nothing, and can be tried again at once', async () => {
    const text = readFileSync(join(directory, '10-hosts.yaml'), 'utf8');
    assert.equal((await attempt('5s', write('10-hosts.yaml', text))).exitCode, 0);
    await until(async () => (await status()).rollback.state === 'rolled-back');
    await ctl(['reapply']);
    assert.equal((await status()).rulesInForce, 'current');
    assert.equal((await attempt('60s', write('10-hosts.yaml', text))).exitCode, 0);
    assert.equal((await ctl(['confirm'])).exitCode, 0);
  });

  it('are refused with what to do about it', async () => {
    const wrong = await attempt('60s', write('wrong.yaml', opening(8006).replace('Allow', 'Alow')));
    assert.equal(wrong.exitCode, 65);
    assert.match(wrong.err, /nothing was applied:\n.*wrong\.yaml:8:\d+: .*spec\.ingress\[0\]/);
    const twice = await attempt('60s', write('20-twice.yaml', opening(8006)));
    assert.equal(twice.exitCode, 65);
    assert.match(twice.err, /given twice.*\n.*20-twice\.yaml.*10-hosts\.yaml/);
    const name = await attempt('60s', write('notes.txt', opening(8006)));
    assert.equal(name.exitCode, 64);
    assert.match(name.err, /ends with \.yaml, \.yml or \.json/);
    const time = await attempt('1s', write('10-hosts.yaml', opening(8006)));
    assert.match(time.err, /from 5 to 3600/);
    assert.match((await attempt('soon', write('10-hosts.yaml', ''))).err, /--within: write a time/);
    assert.match(await rules(), /8003/);
    assert.equal((await status()).rollback.state, 'normal');
  });

  it('are for directories of manifests: etcd is written with calicoctl', async () => {
    process.env['DATASTORE_TYPE'] = 'etcdv3';
    process.env['ETCD_ENDPOINTS'] = 'http://127.0.0.1:2379';
    try {
      const { exitCode, err } = await attempt('60s', write('10-hosts.yaml', opening(8007)));
      assert.equal(exitCode, 1);
      assert.match(err, /apply them with calicoctl\. Set rollback\.onDatastoreLoss/);
    } finally {
      process.env['DATASTORE_TYPE'] = 'file';
      delete process.env['ETCD_ENDPOINTS'];
    }
  });

  it('leave the manifests that were there alone', () => {
    assert.equal(readFileSync(join(directory, 'all.yaml'), 'utf8'), MANIFESTS);
  });
});
