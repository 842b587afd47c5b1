import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { Box, buildPackages, obstacle } from './box.ts';
import { ALLOWED, BLOCKED, furnish, loseDatastore, writePolicy } from './world.ts';

const RELEASES = [
  { suite: 'bullseye', nft: 'v0.9.8' },
  { suite: 'bookworm', nft: 'v1.0.6' },
  { suite: 'trixie', nft: 'v1.1.3' },
];

describe('the Debian package on other releases', function () {
  this.timeout(240_000);
  let packages: Awaited<ReturnType<typeof buildPackages>> | null = null;
  let box: Box | null = null;

  before(async () => {
    packages = await buildPackages(['0.1.0']);
  });
  afterEach(async () => {
    await box?.down();
    box = null;
  });
  after(() => packages?.remove());

  for (const { suite, nft } of RELEASES) {
    it(`protects on Debian ${suite} with nft ${nft}, and after a reboot without its datastore`, async function () {
      const why = await obstacle(suite);
      if (why !== '') {
        process.stderr.write(`skipped: ${why}\n`);
        this.skip();
      }
      box = new Box(suite);
      await box.up(suite);
      await furnish(box);
      box.copy(join(packages?.directory ?? '', 'rampart_0.1.0_amd64.deb'), '/root/rampart.deb');
      await box.run('apt-get install -y -qq /root/rampart.deb 2>&1');
      assert.ok((await box.run('nft --version')).includes(nft));
      writePolicy(box);
      await box.run('systemctl enable -q --now rampart');
      await box.run(
        'systemd-analyze security rampart.service | grep -E "level.* (1\\.[0-7]|0\\.)"',
      );
      const running = await box.client(BLOCKED, ALLOWED);
      await box.run('sleep 1');
      const first = await running.stop();
      assert.deepEqual([first.connected, first.held], [0, true]);
      assert.match(await box.until('cat /var/lib/rampart/last-good.nft', /^}/), /^\tmap m-/m);
      loseDatastore(box);
      const client = await box.client(BLOCKED, 0);
      await box.reboot();
      await box.until('systemctl is-active servers', /^active/);
      await box.until('cat /run/rampart/boot', /^last-good$/);
      assert.equal((await client.stop()).connected, 0);
    });
  }
});
