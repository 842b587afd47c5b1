import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { Box, buildPackages, obstacle } from './box.ts';
import { ALLOWED, BLOCKED, furnish, loseDatastore, writePolicy } from './world.ts';

const TABLE = 'nft list tables';

describe('the Debian package, on a machine with systemd', function () {
  this.timeout(180_000);
  const box = new Box('deb');
  let packages: Awaited<ReturnType<typeof buildPackages>> | null = null;
  const install = (version: string, options = ''): Promise<string> => {
    box.copy(join(packages?.directory ?? '', `rampart_${version}_amd64.deb`), '/root/rampart.deb');
    return box.run(`apt-get install -y -qq --allow-downgrades ${options} /root/rampart.deb 2>&1`);
  };
  const ready = (): Promise<string> => box.until('systemctl is-active rampart', /^active/);

  before(async function () {
    const why = await obstacle();
    if (why !== '') {
      process.stderr.write(`skipped: ${why}\n`);
      this.skip();
    }
    packages = await buildPackages(['0.1.0', '0.1.1']);
    await box.up();
    await furnish(box);
  });
  after(async () => {
    packages?.remove();
    await box.down();
  });

  it('installs without starting anything', async () => {
    await install('0.1.0');
    assert.match(
      await box.run('systemctl is-enabled rampart rampart-boot || :'),
      /disabled\ndisabled/,
    );
    assert.equal(await box.run('systemctl is-active rampart || :'), 'inactive\n');
    assert.doesNotMatch(await box.run(TABLE), /rampart/);
    assert.match(await box.run('rampartd --check-config'), /^configuration good/);
  });

  it('counts as started once the boot unit protects a host that never reached its datastore', async () => {
    loseDatastore(box);
    await box.run('systemctl start --no-block rampart');
    const status = 'systemctl show -p StatusText rampart';
    await box.until(status, /no rules in force yet; etcdv3 out of reach/);
    assert.match(await box.run('systemctl is-active rampart || :'), /^activating/);
    await box.run('systemctl start rampart-boot');
    await ready();
    assert.match(await box.run(status), /Boot rules in force/);
    await box.run(
      'systemctl stop rampart rampart-boot; nft delete table inet rampart; rm /etc/default/rampart',
    );
  });

  it('protects once it is enabled, as its own user, and says how it goes', async () => {
    writePolicy(box);
    await box.run('systemctl enable -q --now rampart');
    const status = await box.run('systemctl status rampart');
    assert.match(status, /Status: "In sync; .*1 endpoint, 2 policies/);
    assert.doesNotMatch(await box.run('journalctl -u rampart'), /unrecognized flag/);
    const process = await box.run('cat /proc/$(systemctl show -p MainPID --value rampart)/status');
    assert.match(process, /^CapEff:\t0000000000001000$/m);
    assert.doesNotMatch(process, /^Uid:\t0\t/m);
    const client = await box.client(BLOCKED, ALLOWED);
    await box.run('sleep 1');
    const seen = await client.stop();
    assert.equal(seen.connected, 0);
    assert.ok(seen.tries > 3 && seen.held);
    assert.match(await box.run('rampartd --version'), /^0\.1\.0$/m);
  });

  it('brings a tool that asks the daemon, and its completions and pages', async () => {
    assert.match(await box.run('rampartctl status'), /^in sync/);
    const packet = `--in host0 tcp 10.77.0.2:40000 10.77.0.1:${BLOCKED}`;
    assert.match(await box.run(`rampartctl explain ${packet}`), /verdict: deny/);
    const complete =
      '. /usr/share/bash-completion/completions/rampartctl && complete -p rampartctl';
    assert.match(await box.run(`bash -c '${complete}'`), /rampartctl/);
    await box.run('test -s /usr/share/zsh/vendor-completions/_rampartctl');
    for (const page of ['man8/rampartctl.8', 'man8/rampartd.8', 'man5/rampart.yaml.5'])
      assert.match(await box.run(`zcat /usr/share/man/${page}.gz`), /^\.TH /m);
  });

  it('has given back what it needed to start, and takes 80 MB at most', async () => {
    const status = 'cat /proc/$(systemctl show -p MainPID --value rampart)/status';
    const idle = await box.until(status, /RssFile:. +[12]?[0-9]{4} kB/);
    assert.match(idle, /^VmRSS:\t +[1-7]\d{4} kB$/m);
  });

  it('has an exposure of 1.7 at most', async () => {
    await box.run('systemd-analyze security --threshold=17 rampart.service');
    await box.run('systemd-analyze security --threshold=17 rampart-boot.service');
  });

  it('is restarted by the watchdog when it hangs; the rules stay', async () => {
    box.write('/etc/systemd/system/rampart.service.d/watchdog.conf', '[Service]\nWatchdogSec=3\n');
    await box.run('systemctl daemon-reload && systemctl restart rampart');
    await box.run('kill -STOP $(systemctl show -p MainPID --value rampart)');
    await box.until('systemctl show -p NRestarts --value rampart', /^1$/);
    assert.match(await box.run(TABLE), /inet rampart/);
    await ready();
    assert.match(await box.run('journalctl -u rampart'), /Watchdog timeout/);
    await box.run(
      'rm -r /etc/systemd/system/rampart.service.d && systemctl daemon-reload && systemctl restart rampart',
    );
  });

  it('promise 5: leaves the rules while it crashes over and over', async () => {
    const client = await box.client(BLOCKED, ALLOWED);
    box.write(
      '/etc/systemd/system/rampart.service.d/crash.conf',
      '[Service]\nExecStart=\nExecStart=/bin/false\nRestartSec=100ms\n',
    );
    await box.run('systemctl daemon-reload; systemctl kill -s KILL rampart');
    await box.until('systemctl show -p NRestarts --value rampart', /^[5-9]$|^..+$/);
    assert.match(await box.run(TABLE), /inet rampart/);
    await box.run(
      'rm -r /etc/systemd/system/rampart.service.d && systemctl daemon-reload && systemctl restart rampart',
    );
    const seen = await client.stop();
    assert.deepEqual({ connected: seen.connected, held: seen.held }, { connected: 0, held: true });
  });

  it('reads its configuration again without a packet lost', async () => {
    const client = await box.client(BLOCKED, ALLOWED);
    for (let round = 0; round < 3; round++) await box.run('systemctl reload rampart');
    const seen = await client.stop();
    assert.deepEqual({ connected: seen.connected, held: seen.held }, { connected: 0, held: true });
  });

  it('upgrades under traffic: nothing leaks, no connection is lost, an edited conffile is kept', async () => {
    await box.run('echo "# mine" >>/etc/rampart/rampart.yaml');
    const client = await box.client(BLOCKED, ALLOWED);
    await install('0.1.1');
    await box.until('journalctl -u rampart', /"version":"0.1.1".*starting/);
    await ready();
    const seen = await client.stop();
    assert.deepEqual({ connected: seen.connected, held: seen.held }, { connected: 0, held: true });
    assert.match(await box.run('tail -1 /etc/rampart/rampart.yaml'), /^# mine$/m);
  });

  it('goes back to an older version', async () => {
    await install('0.1.0');
    await ready();
    assert.match(await box.run('rampartd --version'), /^0\.1\.0$/m);
  });

  it('row 138, promise 6: a reboot without the datastore leaks nothing; without the boot unit it does', async () => {
    loseDatastore(box);
    const guarded = await box.client(BLOCKED, 0);
    await box.reboot();
    await box.until('systemctl is-active servers', /^active/);
    await box.run('sleep 2');
    const { connected, tries } = await guarded.stop();
    assert.equal(connected, 0);
    assert.ok(tries > 10);
    assert.match(await box.run('cat /run/rampart/boot'), /^last-good$/m);
    await box.until(
      'systemctl show -p StatusText rampart',
      /Last good rules in force; etcdv3 out of reach/,
    );
    await box.run('systemctl disable -q rampart-boot');
    const control = await box.client(BLOCKED, 0);
    await box.reboot();
    await box.until('systemctl is-active servers', /^active/);
    await box.run('sleep 2');
    assert.ok((await control.stop()).connected > 0);
    await box.run(
      'rm /etc/default/rampart; systemctl enable -q rampart-boot; systemctl restart rampart',
    );
  });

  it('loads the boot policy when the last good rules are broken, and raises an alarm', async () => {
    await box.run('systemctl stop rampart; echo broken >/var/lib/rampart/last-good.nft');
    loseDatastore(box);
    const client = await box.client(BLOCKED, 0);
    await box.crash();
    await box.until('systemctl is-active servers', /^active/);
    assert.match(await box.run('nft list table inet rampart'), /chain boot-input/);
    assert.match(await box.run('journalctl -b -u rampart-boot'), /last-good.nft cannot be loaded/);
    await box.until('journalctl -b -u rampart', /boot-fallback/);
    await box.run('rm /etc/default/rampart; systemctl restart rampart');
    assert.doesNotMatch(await box.run('nft list table inet rampart'), /boot-input/);
    assert.equal((await client.stop()).connected, 0);
  });

  it('takes the rules away when it is removed, and keeps the configuration', async () => {
    await box.run('apt-get remove -y -qq rampart');
    assert.doesNotMatch(await box.run(TABLE), /rampart/);
    assert.match(await box.run('tail -1 /etc/rampart/rampart.yaml'), /^# mine$/m);
    await install('0.1.0');
    await box.run('systemctl start rampart && nft list table inet rampart');
  });

  it('leaves the rules when onRemove.keepRules says so; purge leaves nothing else', async () => {
    await box.run('printf "onRemove:\\n  keepRules: true\\n" >/etc/rampart/rampart.yaml');
    await box.run('apt-get purge -y -qq rampart && nft list table inet rampart');
    const left = await box.run(
      'find / -xdev \\( -name "*rampart*" -not -path "/proc/*" -not -path "/root/*" -not -path "/var/log/*" -not -path "/var/cache/*" \\)',
    );
    assert.equal(left, '');
    await box.run('nft delete table inet rampart');
  });

  it('can be installed again', async () => {
    await install('0.1.1');
    writePolicy(box);
    await box.run('systemctl enable -q --now rampart && nft list table inet rampart');
  });
});
