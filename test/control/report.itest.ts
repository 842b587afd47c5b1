import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ONLINE_COMMANDS } from '../../daemon/ctl/online/online-commands.ts';
import type { Report } from '../../src/report/report.ts';
import { ctl } from '../daemon/ctl/run.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { Daemon } from '../support/daemon.ts';
import { here } from '../support/here.ts';

const HOSTS = `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: loop, labels: {role: db}}
spec: {node: hosta, interfaceName: lo}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: db-1, labels: {role: db}}
spec: {node: hosta, interfaceName: rep0}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: apps, labels: {app: web, tier: front}}
spec: {nets: [10.9.1.0/24]}
`;

const policy = (port: number): string => `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: guard}
spec:
  selector: role == "db"
  ingress:
  - {action: Allow, protocol: UDP, destination: {ports: [7001]}}
  - {action: Allow, protocol: UDP, destination: {ports: [${port}]}}
  - {action: Allow, protocol: TCP, source: {selector: tier == "front" && app != "<b>"}, destination: {ports: [5432]}}
  - {action: Deny, protocol: UDP, destination: {ports: [7009]}}
  egress: [{action: Allow}]
`;

async function send(port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.send('x', port, '127.0.0.1', () => {
    socket.close();
  });
  await once(socket, 'close');
}

async function report(...options: readonly string[]): Promise<Report> {
  const { out, err } = await ctl(['report', '-o', 'json', ...options]);
  assert.equal(err, '');
  return JSON.parse(out) as Report;
}

const texts = (rules: Report['neverSeen']): readonly string[] =>
  rules.filter(({ direction }) => direction === 'ingress').map(({ text }) => text);

describeInNamespace('rampartctl report and the real daemon', () => {
  const home = mkdtempSync(join(tmpdir(), 'rampart-report-'));
  const resources = join(home, 'resources');
  const stateDir = join(home, 'state');
  const outside = process.env['RAMPART_RUN_DIR'];
  const daemon = new Daemon({
    ...{ netns: here, nodeName: 'hosta', etcdEndpoint: '', runDir: join(home, 'run'), stateDir },
    env: {
      DATASTORE_TYPE: 'file',
      RAMPART_DATASTORE_DIRECTORY: resources,
      RAMPART_HEALTH_PORT: '19099',
    },
  });
  const write = (port: number): void => {
    writeFileSync(join(resources, 'policy.yaml'), policy(port));
  };

  before(async function () {
    this.timeout(60_000);
    mkdirSync(resources);
    writeFileSync(join(resources, 'hosts.yaml'), HOSTS);
    write(7002);
    for (const line of [
      'link add rep0 type veth peer name rep1',
      'addr add 10.9.0.1/24 dev rep0',
      'addr add 10.9.5.1/24 dev rep1',
      'link set rep0 up',
      'link set rep1 up',
    ])
      assert.equal(spawnSync('ip', line.split(' ')).status, 0, line);
    await daemon.start();
    process.env['RAMPART_RUN_DIR'] = join(home, 'run');
  });
  after(async () => {
    if (outside === undefined) delete process.env['RAMPART_RUN_DIR'];
    else process.env['RAMPART_RUN_DIR'] = outside;
    await daemon.stop();
    spawnSync('nft', ['delete', 'table', 'inet', 'rampart']);
    spawnSync('ip', ['link', 'delete', 'rep0']);
    rmSync(home, { recursive: true });
  });

  it('names the rules that packets never hit, and takes off the list those that they do', async () => {
    const before = await report();
    assert.deepEqual(texts(before.neverHit), ['UDP, to port 7009']);
    assert.equal(texts(before.neverSeen).length, 3);
    await send(7001);
    await send(7009);
    const after = await report();
    assert.deepEqual(texts(after.neverHit), []);
    assert.deepEqual(
      texts(after.neverSeen).map((text) => text.slice(0, 17)),
      ['UDP, to port 7002', 'TCP, from (tier ='],
    );
  });

  it('tells what changed, as it was and as it is, also after a restart', async function () {
    this.timeout(60_000);
    const position = daemon.position;
    write(7003);
    await daemon.waitFor(
      'the change',
      (lines) => lines.some(({ msg }) => msg === 'applied'),
      15_000,
      position,
    );
    const last = (await report()).changes.at(-1);
    assert.ok(last?.kind === 'rules');
    assert.deepEqual(last.objects, [{ name: 'GlobalNetworkPolicy guard', change: 'updated' }]);
    assert.deepEqual(last.rulesAdded, [
      'GlobalNetworkPolicy guard ingress: Allow UDP, to port 7003',
    ]);
    assert.deepEqual(last.rulesRemoved, [
      'GlobalNetworkPolicy guard ingress: Allow UDP, to port 7002',
    ]);
    const known = await report();
    await daemon.terminate();
    await daemon.start();
    const again = await report();
    assert.deepEqual(again.changes, known.changes);
    assert.equal(again.host.policyHash, known.host.policyHash);
    assert.deepEqual(texts(again.neverSeen), texts(known.neverSeen));
    assert.deepEqual(texts(again.neverHit), []);
    assert.equal(statSync(join(stateDir, 'history')).mode & 0o777, 0o600);
  });

  it('counts a rule as not hit when its last packet came before --since', async () => {
    const { neverHit, changes } = await report('--since', '2026-01-01');
    assert.deepEqual(texts(neverHit), []);
    assert.ok(changes.length > 0);
    for (const [text, said] of [
      ['yesterday', /write how long ago/],
      ['2026-02-31', /is not a time/],
      ['2999-01-01', /in the future/],
    ] as const) {
      const { exitCode, err } = await ctl(['report', '--since', text]);
      assert.equal(exitCode, 64);
      assert.match(err, said);
    }
  });

  it('says who reaches what through the endpoint, and what nobody guards', async () => {
    const { reachability, unprotected } = await report();
    const inbound = reachability.find(({ direction }) => direction === 'ingress');
    assert.ok(inbound?.endpoint === 'db-1');
    const column = inbound.services.findIndex(({ label }) => label === 'TCP 5432');
    const cells = inbound.cells.map((row) => row[column]);
    assert.deepEqual(cells, ['allow', 'deny']);
    assert.deepEqual(unprotected, [
      { what: 'interface rep1', why: 'no host endpoint governs it: everything passes' },
    ]);
  });

  for (const { line } of ONLINE_COMMANDS.find(({ name }) => name === 'report')?.examples ?? [])
    it(`example: ${line}`, async () => {
      const words = line.replace('report.html', join(home, 'report.html')).split(' ').slice(1);
      const { exitCode, err } = await ctl(words);
      assert.deepEqual([exitCode, err], [0, '']);
    });

  it('writes one page without scripts, readable by its owner, whatever objects are called', () => {
    const file = join(home, 'report.html');
    const page = readFileSync(file, 'utf8');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!/<script|<b>|src=|href=|url\(/.test(page));
    assert.ok(page.includes('&lt;b&gt;') && page.includes('<svg '));
  });

  it('goes on with a damaged history, and says so', async function () {
    this.timeout(60_000);
    await daemon.terminate();
    writeFileSync(join(stateDir, 'history'), 'not a history\n');
    writeFileSync(join(stateDir, 'history.state'), '{');
    await daemon.start();
    const { alarms, changes } = await report();
    assert.ok(alarms.some(({ code }) => code === 'history-damaged'));
    assert.ok(changes.length > 0);
  });
});
