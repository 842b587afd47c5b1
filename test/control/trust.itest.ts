import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import { ctl } from '../daemon/ctl/run.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { hostEndpoint, initialObjects, stored } from '../support/calico.ts';
import { Daemon } from '../support/daemon.ts';
import { Datastore } from '../support/datastore.ts';
import { startEtcd } from '../support/etcd.ts';
import type { Etcd } from '../support/etcd.ts';
import { here } from '../support/here.ts';

const OURS = 'a0000000000000000000000000000001';
const THEIRS = 'b0000000000000000000000000000002';

describeInNamespace('a datastore that belongs to another cluster', () => {
  const runDir = mkdtempSync(join(tmpdir(), 'rampart-trust-'));
  const outside = process.env['RAMPART_RUN_DIR'];
  let etcd: Etcd;
  let datastore: Datastore;
  let daemon: Daemon;

  before(async () => {
    etcd = await startEtcd();
    datastore = new Datastore(etcd);
    await fill(OURS);
    const where = { netns: here, nodeName: 'hosta', etcdEndpoint: etcd.endpoint, runDir };
    daemon = new Daemon({ ...where, env: { RAMPART_HEALTH_PORT: '19099' } });
    await daemon.start();
    process.env['RAMPART_RUN_DIR'] = runDir;
  });

  after(async () => {
    if (outside === undefined) delete process.env['RAMPART_RUN_DIR'];
    else process.env['RAMPART_RUN_DIR'] = outside;
    await daemon.stop();
    spawnSync('nft', ['delete', 'table', 'inet', 'rampart']);
    await etcd.stop();
    rmSync(runDir, { recursive: true });
  });

  async function fill(clusterGUID: string): Promise<void> {
    const edge = hostEndpoint('edge', { node: 'hosta', interfaceName: 'eth7' });
    await datastore.replace([...initialObjects(clusterGUID), edge].map(stored));
  }

  it('is followed when an operator says so, and not before', async () => {
    const { position } = daemon;
    await fill(THEIRS);
    const isAlarmed = (alarm: unknown): boolean => alarm === 'datastore-changed';
    await daemon.waitFor(
      'the alarm',
      (lines) => lines.some(({ alarm }) => isAlarmed(alarm)),
      30_000,
      position,
    );
    assert.match((await ctl(['status'])).out, /datastore-changed/);
    const trusted = await ctl(['trust-datastore']);
    assert.deepEqual([trusted.exitCode, trusted.err], [0, '']);
    assert.ok(trusted.out.includes(THEIRS), trusted.out);
    await daemon.settled(datastore.revision);
    assert.match((await ctl(['status'])).out, /^in sync/);
  });
});
