import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';

describe('packaging/install.sh', () => {
  it('installs a program that runs, and keeps a configuration that is there', function () {
    this.timeout(120_000);
    const root = mkdtempSync(join(tmpdir(), 'rampart-install-'));
    try {
      execFileSync('packaging/install.sh', [root], { stdio: 'pipe' });
      const config = join(root, 'etc/rampart/rampart.yaml');
      assert.equal(readFileSync(config, 'utf8'), readFileSync('config/rampart.yaml', 'utf8'));
      writeFileSync(config, '# mine\n');
      execFileSync('packaging/install.sh', [root], { stdio: 'pipe' });
      assert.equal(readFileSync(config, 'utf8'), '# mine\n');
      const program = join(root, 'usr/lib/rampart/dist/daemon/rampartd.js');
      const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
      const printed = execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8' });
      assert.equal(printed, `${version}\n`);
      const unit = readFileSync(join(root, 'usr/lib/systemd/system/rampart.service'), 'utf8');
      assert.match(unit, /^ExecStart=\/usr\/sbin\/rampartd$/m);
      assert.match(
        readFileSync(join(root, 'usr/sbin/rampartd'), 'utf8'),
        /dist\/daemon\/rampartd\.js/,
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
