import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ONLINE_COMMANDS } from '../../daemon/ctl/online/online-commands.ts';
import { ctl } from '../daemon/ctl/run.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import type { Daemon } from '../support/daemon.ts';
import { DaemonHere } from './daemon-here.ts';
import { MANIFESTS } from './manifests.ts';

describeInNamespace('rampartctl and the real daemon', () => {
  let place: DaemonHere;
  let home: string;
  let runDir: string;
  const outside = process.env['RAMPART_RUN_DIR'];
  let daemon: Daemon;

  before(async function () {
    this.timeout(60_000);
    place = new DaemonHere();
    ({ daemon, home, runDir } = place);
    await daemon.start();
    process.env['RAMPART_RUN_DIR'] = runDir;
  });
  after(async () => {
    if (outside === undefined) delete process.env['RAMPART_RUN_DIR'];
    else process.env['RAMPART_RUN_DIR'] = outside;
    await place.dispose();
  });

  // Opens the host, or needs etcd: each has a test of its own below.
  const apart = new Set([
    ...['flush', 'trust-datastore', 'simulate', 'trace'],
    ...['apply-with-rollback', 'confirm', 'report'],
  ]);
  for (const { name, examples } of ONLINE_COMMANDS) {
    if (apart.has(name)) continue;
    for (const { line } of examples) {
      it(`example: ${line}`, async () => {
        const { exitCode, out, err } = await ctl(line.split(' ').slice(1), 80);
        assert.deepEqual([exitCode, err], [0, '']);
        for (const one of name === 'support-bundle' ? [] : out.split('\n')) {
          assert.ok(one.replaceAll(/\u001B\[\d+m/g, '').length <= 80, one);
        }
      });
    }
    it(`${name} answers as JSON`, async () => {
      const { out } = await ctl([name, '-o', 'json']);
      assert.equal(typeof JSON.parse(out), 'object');
    });
  }

  it('shows policies in the order of evaluation', async () => {
    const { out } = await ctl(['policies']);
    const order = [
      'HostEndpoint edge',
      'normal ingress',
      'tier default',
      '[0] Deny UDP',
      '[1] Allow',
    ];
    const places = order.map((text) => out.indexOf(text));
    assert.ok(
      places.every((place, i) => place > (places[i - 1] ?? -1)),
      out,
    );
  });

  it('says which connections and counted rules other objects would change', async () => {
    const directory = join(home, 'other');
    mkdirSync(directory);
    const file = join(directory, 'all.yaml');
    writeFileSync(file, MANIFESTS.replace('- {action: Allow}', '- {action: Allow, protocol: TCP}'));
    spawnSync('bash', ['-c', 'echo x > /dev/udp/127.0.0.1/10']);
    const simulate = ['simulate', '--resources', directory];
    const { exitCode, out, err } = await ctl(simulate, 80);
    assert.deepEqual([exitCode, err], [0, '']);
    assert.match(out, /^1 of \d+ live connections would be judged otherwise/);
    const answer = JSON.parse((await ctl([...simulate, '-o', 'json'])).out) as {
      readonly changed: readonly { readonly flow: string; readonly after: string }[];
      readonly rulesGone: readonly { readonly rule: string }[];
    };
    assert.deepEqual(
      answer.changed.map(({ after }) => after),
      ['deny'],
    );
    assert.match(answer.changed[0]?.flow ?? '', /^UDP from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:10,/);
    assert.ok(answer.rulesGone.some(({ rule }) => rule.includes('guard ingress: Allow')));
    writeFileSync(file, MANIFESTS);
    const same = await ctl(simulate);
    assert.match(same.out, /^0 of \d+ live .*\n0 rules/);
  });

  for (const name of ['simulate', 'trace', 'flush', 'reapply'])
    for (const { line } of ONLINE_COMMANDS.find((one) => one.name === name)?.examples ?? [])
      it(`example, which leaves all as it was: ${line}`, async () => {
        const words = line.replaceAll('/etc/rampart', home).split(' ').slice(1);
        const { exitCode, err } = await ctl(words, 80);
        assert.deepEqual([exitCode, err.replace(/^no such packet.*\n$/, '')], [0, '']);
      });

  it('explains a packet: who was passed over, what decided, and where the member comes from', async () => {
    const { out } = await ctl(['explain', '--in', 'lo', 'udp', '127.0.0.1:4000', '127.0.0.1:9']);
    for (const part of [
      'GlobalNetworkPolicy outgoing: its types do not include Ingress',
      'from GlobalNetworkSet corp',
      'chain ingress/gnp/guard:',
      'verdict: deny (drop): GlobalNetworkPolicy guard',
    ])
      assert.ok(out.includes(part), `${part}\n${out}`);
  });

  it('doubts an interface that this host does not have', async () => {
    const { err } = await ctl(['explain', '--in', 'l0', 'udp', '127.0.0.1:4000', '127.0.0.1:9']);
    assert.match(err, /^warning: no interface is called "l0"/);
  });

  it('follows a packet to the policy that decides, and leaves nothing behind', async () => {
    const tables = (): string => spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout;
    const traced = ctl(['trace', 'udp', 'any', '127.0.0.1:9', '--count', '2', '--for', '20'], 80);
    while (!tables().includes('rampart_trace')) await new Promise(setImmediate);
    spawnSync('bash', ['-c', 'echo x > /dev/udp/127.0.0.1/9']);
    const { exitCode, out } = await traced;
    assert.equal(exitCode, 0);
    const plain = out.replaceAll(/\u001B\[\d+m/g, '').replaceAll(/\s+/g, ' ');
    assert.match(plain, /^packet oif "lo" ip saddr 127\.0\.0\.1 .*udp dport 9/);
    assert.match(plain, /GlobalNetworkPolicy guard, egress rule 0: accept/);
    assert.match(plain, /GlobalNetworkPolicy guard, ingress rule 0: drop/);
    assert.equal(tables().includes('rampart_trace'), false);
    const none = await ctl(['trace', 'udp', 'any', '127.0.0.1:11', '--for', '1']);
    assert.deepEqual([none.exitCode, none.out], [0, '']);
    assert.match(none.err, /no such packet within 1 s/);
  });

  it('finds no difference in a table with maps', async () => {
    const file = join(home, 'resources', 'services.yaml');
    const rules = Array.from({ length: 10 }, (_, i) => ({
      ...{ action: 'Allow', protocol: 'TCP', destination: { ports: [7001 + i] } },
    }));
    const policy = {
      ...{ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy' },
      ...{ metadata: { name: 'services' }, spec: { order: 1, ingress: rules } },
    };
    const applied = daemon.applied(daemon.position);
    writeFileSync(file, JSON.stringify(policy));
    await applied;
    const { exitCode, out } = await ctl(['diff']);
    assert.match(out, /^no difference: the kernel holds revision /);
    assert.equal(exitCode, 0);
    const listed = spawnSync('nft', ['list', 'table', 'inet', 'rampart'], { encoding: 'utf8' });
    assert.match(listed.stdout, /tcp dport vmap @m-/);
    const gone = daemon.applied(daemon.position);
    rmSync(file);
    await gone;
    assert.match((await ctl(['diff'])).out, /^no difference/);
  });

  it('opens the host only when told so, and protects it again', async () => {
    const careless = await ctl(['flush']);
    assert.equal(careless.exitCode, 64);
    assert.match(careless.err, /--yes-open-this-host/);
    const wrong = await ctl(['flush', '--yes-open-this-host', '--for', 'ever']);
    assert.deepEqual([wrong.exitCode, wrong.err.includes('10m')], [64, true]);
    const { out } = await ctl(['flush', '--yes-open-this-host', '--for', '10m']);
    assert.match(out, /^this host is OPEN until "rampartctl reapply" or, by itself, 20/);
    assert.match((await ctl(['status'])).out, /^OPEN: an operator has flushed this host/);
    const gone = await ctl(['diff']);
    assert.deepEqual(
      [gone.exitCode, gone.out],
      [1, 'there is no table inet rampart in the kernel\n'],
    );
    assert.match((await ctl(['reapply'])).out, /is in force: \d+ operations/);
    assert.match((await ctl(['status'])).out, /^in sync/);
  });

  it('passes on why the daemon refuses', async () => {
    const refused = await ctl(['trust-datastore']);
    assert.deepEqual([refused.exitCode, refused.out], [1, '']);
    assert.match(refused.err, /^rampartctl: the datastore does not say which cluster/);
    assert.match((await ctl(['sets', 's-none'])).err, /there is no set s-none/);
  });

  it('says how to start a daemon that does not run', async () => {
    await daemon.terminate();
    const { exitCode, err } = await ctl(['status']);
    assert.equal(exitCode, 69);
    assert.match(err, /^rampartctl: rampartd does not run here .*systemctl start rampart/);
    assert.doesNotMatch(err, /\n +at /);
  });
});
