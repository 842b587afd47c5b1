import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { Box, buildPackages, obstacle } from './box.ts';
import { EtcdBox, letIn } from './etcd-box.ts';
import { ALLOWED, BLOCKED, furnish } from './world.ts';

const STATUS = 'systemctl show -p StatusText --value rampart';
const PROCESS = 'systemctl show -p MainPID --value rampart';
const CERTIFICATE = '/etc/rampart/etcd-client.pem';
const KEY = '/etc/rampart/keys/etcd-client.key';

describe('keys that only root can read, on a machine with systemd', function () {
  this.timeout(120_000);
  const box = new Box('keys');
  const etcd = new EtcdBox(box);
  const inSync = (): Promise<string> => box.until(STATUS, /^In sync/);
  // In one step each, the certificate first, as docs/operations.md says.
  const certificate = (pair: string): Promise<string> =>
    box.run(
      `install -m 0644 /root/${pair}.pem ${CERTIFICATE}.new && mv ${CERTIFICATE}.new ${CERTIFICATE}`,
    );
  const key = (pair: string): Promise<string> =>
    box.run(`install -m 0600 /root/${pair}.key ${KEY}.new && mv ${KEY}.new ${KEY}`);

  before(async function () {
    const why = await obstacle();
    if (why !== '') {
      process.stderr.write(`skipped: ${why}\n`);
      this.skip();
    }
    const packages = await buildPackages(['0.1.0']);
    await box.up();
    await furnish(box);
    box.copy(join(packages.directory, 'rampart_0.1.0_amd64.deb'), '/root/rampart.deb');
    packages.remove();
    await box.run('apt-get install -y -qq /root/rampart.deb 2>&1');
    await etcd.up();
    await etcd.serve(ALLOWED);
  });
  after(async () => {
    etcd.remove();
    await box.down();
  });

  it('starts, and is in sync over TLS', async () => {
    await certificate('old-1');
    await key('old-1');
    assert.equal(await box.run(`stat -c '%U %a' ${KEY}`), 'root 600\n');
    await box.run('systemctl start rampart');
    assert.match(await inSync(), /1 endpoint, 1 policy/);
    const user = await box.run(`ps -o user= -p $(${PROCESS})`);
    assert.equal(user, 'rampart\n');
  });

  it('takes a new pair without a hand, and nothing leaks; the old one is of no use then', async () => {
    const client = await box.client(BLOCKED, ALLOWED);
    const before = (await box.run(PROCESS)).trim();
    await certificate('new-1');
    await key('new-1');
    await box.run(
      `for i in $(seq 300); do new=$(${PROCESS}); [ $new != 0 ] && [ $new != ${before} ] && exit; sleep 0.1; done; exit 1`,
    );
    await inSync();
    await etcd.ask('old-1');
    await etcd.trust('new');
    await assert.rejects(etcd.ask('old-1'));
    await etcd.ask('new-1');
    await box.until('rampartctl status', /^in sync/);
    const seen = await client.stop();
    assert.ok(seen.tries > 10);
    assert.deepEqual({ connected: seen.connected, held: seen.held }, { connected: 0, held: true });
  });

  it('loses no packet when it reads a changed certificate again', async () => {
    const client = await box.client(BLOCKED, ALLOWED);
    const before = await box.run(PROCESS);
    // The same certificate in another file: its key is still the one that systemd handed over.
    await box.run(`echo >>/root/new-1.pem`);
    await certificate('new-1');
    await box.run('systemctl reload rampart');
    await inSync();
    assert.equal(await box.run(PROCESS), before);
    const seen = await client.stop();
    assert.deepEqual({ connected: seen.connected, held: seen.held }, { connected: 0, held: true });
  });

  it('enforces what is put into etcd afterwards', async () => {
    const refused = await box.client(BLOCKED, ALLOWED);
    await box.run('sleep 0.5');
    assert.equal((await refused.stop()).connected, 0);
    await etcd.put(letIn('afterwards', BLOCKED));
    await box.until(STATUS, /1 endpoint, 2 policies/);
    const opened = await box.client(BLOCKED, BLOCKED);
    assert.ok((await opened.stop()).held);
  });
});
