import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { Box, buildPackages, obstacle } from './box.ts';
import { ALLOWED, BLOCKED, furnish, loseDatastore, writePolicy } from './world.ts';

// Debian with rpm beside dpkg: a distribution of RPMs has no mirror here. Its systemd and its rpm are real; the packages
// that ours requires are Debian's, of which rpm knows nothing.
const SUITE = 'bookworm+rpm,dnf';
const TABLE = 'nft list tables';
// In the place of Debian's packages, for rpm.
const STUB = `Name: stub
Version: 1
Release: 1
Summary: What Debian has, for rpm
License: Apache-2.0
BuildArch: noarch
Provides: nftables = 1.0.6, systemd = 252, shadow-utils, /bin/sh, libnftables.so.1()(64bit)
Provides: libc.so.6(GLIBC_2.28)(64bit), libstdc++.so.6()(64bit)
%description
Nothing.
%files
`;

describe('the RPM package, on a machine with systemd', function () {
  this.timeout(180_000);
  const box = new Box('rpm');
  let packages: Awaited<ReturnType<typeof buildPackages>> | null = null;
  /** Answers what rpm said, whether it did what it was asked or not. */
  const rpm = (options: string, version: string): Promise<string> => {
    const file = join(packages?.directory ?? '', `rampart-${version}.x86_64.rpm`);
    box.copy(file, '/root/rampart.rpm');
    return box.run(`rpm ${options} /root/rampart.rpm 2>&1 || :`);
  };
  const ready = (): Promise<string> => box.until('systemctl is-active rampart', /^active/);

  before(async function () {
    const why = await obstacle(SUITE);
    if (why !== '') {
      process.stderr.write(`skipped: ${why}\n`);
      this.skip();
    }
    packages = await buildPackages(['0.1.0', '0.1.1']);
    await box.up(SUITE);
    await furnish(box);
  });
  after(async () => {
    packages?.remove();
    await box.down();
  });

  it('says what it requires', async () => {
    const refused = await rpm('-i --test', '0.1.0');
    assert.match(refused, /nftables >= 0\.9\.8 is needed by rampart/);
    assert.match(refused, /systemd >= 247 is needed by rampart/);
    assert.match(refused, /libnftables\.so\.1/);
  });

  it('installs without starting anything, with a user and a configuration of its own', async () => {
    assert.doesNotMatch(await rpm('-i --nodeps', '0.1.0'), /error|failed/);
    assert.equal(await box.run('systemctl is-active rampart || :'), 'inactive\n');
    assert.doesNotMatch(await box.run(TABLE), /rampart/);
    assert.match(await box.run('getent passwd rampart'), /nologin/);
    assert.match(await box.run('rpm -qc rampart'), /^\/etc\/rampart\/rampart\.yaml$/m);
    assert.equal(await box.run('rpm -V --nodeps rampart || :'), '');
    assert.match(await box.run('rampartd --check-config'), /^configuration good/);
    await box.run('test -s /usr/share/bash-completion/completions/rampartctl');
    await box.run('test -s /usr/share/zsh/site-functions/_rampartctl');
  });

  it('protects once it is enabled, as its own user', async () => {
    writePolicy(box);
    await box.run('systemctl enable -q --now rampart');
    assert.match(await box.run('systemctl status rampart'), /Status: "In sync; .*1 endpoint/);
    const process = await box.run('cat /proc/$(systemctl show -p MainPID --value rampart)/status');
    assert.match(process, /^CapEff:\t0000000000001000$/m);
    assert.doesNotMatch(process, /^Uid:\t0\t/m);
    const client = await box.client(BLOCKED, ALLOWED);
    await box.run('rampartctl status');
    const seen = await client.stop();
    assert.deepEqual([seen.connected, seen.held], [0, true]);
  });

  it('upgrades under traffic: nothing leaks, no connection is lost, an edited file is kept', async () => {
    await box.run('echo "# mine" >>/etc/rampart/rampart.yaml');
    const client = await box.client(BLOCKED, ALLOWED);
    await rpm('-U --nodeps', '0.1.1');
    await box.until('journalctl -u rampart', /"version":"0.1.1".*starting/);
    await ready();
    const seen = await client.stop();
    assert.deepEqual([seen.connected, seen.held], [0, true]);
    assert.match(await box.run('tail -1 /etc/rampart/rampart.yaml'), /^# mine$/m);
  });

  it('goes back to an older version when told to', async () => {
    assert.match(await rpm('-U --nodeps', '0.1.0'), /newer/);
    await rpm('-U --nodeps --oldpackage', '0.1.0');
    await ready();
    assert.match(await box.run('rampartd --version'), /^0\.1\.0$/m);
  });

  it('keeps a reboot without the datastore from leaking', async () => {
    loseDatastore(box);
    const client = await box.client(BLOCKED, 0);
    await box.reboot();
    await box.until('systemctl is-active servers', /^active/);
    await box.until('cat /run/rampart/boot', /^last-good$/);
    // A boot may be over after a try or two: what counts is that there is somebody to answer.
    await box.run('sleep 2');
    const { connected, tries } = await client.stop();
    assert.equal(connected, 0);
    assert.ok(tries > 10);
    await box.run('rm /etc/default/rampart; systemctl restart rampart');
  });

  it('takes the rules away when it is erased, and keeps the edited configuration', async () => {
    await box.run('rpm -e rampart 2>&1');
    assert.doesNotMatch(await box.run(TABLE), /rampart/);
    assert.equal(
      await box.run('systemctl is-active rampart rampart-keys.path || :'),
      'inactive\ninactive\n',
    );
    assert.match(await box.run('tail -1 /etc/rampart/rampart.yaml.rpmsave'), /^# mine$/m);
  });

  it('is installed again by dnf, which finds what it requires', async () => {
    box.write('/root/stub.spec', STUB);
    await box.run('cd /root && rpmbuild -bb --quiet --define "_rpmdir /root" stub.spec 2>&1');
    const file = join(packages?.directory ?? '', 'rampart-0.1.1.x86_64.rpm');
    box.copy(file, '/root/rampart.rpm');
    const dnf = 'dnf -y --setopt=reposdir=/dev/null --nogpgcheck --releasever=9 install';
    await assert.rejects(box.run(`${dnf} /root/rampart.rpm 2>&1`));
    await box.run(`${dnf} /root/rampart.rpm /root/noarch/*.rpm 2>&1`);
    writePolicy(box);
    await box.run('systemctl enable -q --now rampart && nft list table inet rampart');
  });
});
