import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import type { Host } from '../../src/host/host.ts';
import { createProcessHost } from '../../src/host/process-host.ts';
import { Deliveries } from './deliveries.ts';
import { systemClock } from './manual-clock.ts';

const LINKS = JSON.stringify([{ ifindex: 2, ifname: 'eth0', flags: ['UP'] }]);

describe('createProcessHost, with an ip program of the test', () => {
  const path = process.env['PATH'];
  let directory: string;
  let host: Host;
  let warnings: string[];
  let warned: () => void;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-ip-'));
    process.env['PATH'] = `${directory}:${path ?? ''}`;
    warnings = [];
    warned = () => undefined;
    const warn = (_fields: unknown, message: string): void => {
      warnings.push(message);
      warned();
    };
    host = createProcessHost({ clock: systemClock, logger: { ...silentLogger, warn } });
  });

  afterEach(async () => {
    await host.close();
    process.env['PATH'] = path;
    rmSync(directory, { recursive: true });
  });

  function installIp(cases: string): void {
    const file = join(directory, 'ip');
    writeFileSync(file, `#!/bin/sh\ncase "$*" in\n${cases}\nesac\n`);
    chmodSync(file, 0o755);
  }

  it('says so when ip is missing', async () => {
    process.env['PATH'] = directory;
    await assert.rejects(host.start(new Deliveries().listener), { code: 'ip-failed' });
  });

  it('asks for a newer iproute2 when ip prints no JSON', async () => {
    installIp(`monitor*) exec sleep 60;;\n*) echo '1: lo: <LOOPBACK>';;`);
    await assert.rejects(host.start(new Deliveries().listener), {
      code: 'ip-failed',
      message: 'ip -j printed no JSON; iproute2 4.16 or later is needed',
    });
  });

  it("passes on ip's own words when it fails", async () => {
    installIp(`monitor*) exec sleep 60;;\n*) echo 'Cannot open netlink socket' >&2; exit 1;;`);
    await assert.rejects(host.start(new Deliveries().listener), /Cannot open netlink socket/);
  });

  it('takes a table that does not exist for an empty one', async () => {
    installIp(
      `monitor*) exec sleep 60;;\n*link*) echo '${LINKS}';;\n*) echo 'Error: ipv4: FIB table does not exist.' >&2; exit 2;;`,
    );
    const deliveries = new Deliveries();
    await host.start(deliveries.listener);
    assert.deepEqual(deliveries.all, [[{ index: 2, name: 'eth0', running: true, addresses: [] }]]);
  });

  it('warns when ip monitor ends, starts it again and lists what it may have missed', async () => {
    const first = join(directory, 'first');
    const second = join(directory, 'second');
    // Only the second monitor makes the listings show an interface.
    installIp(
      [
        `monitor*) if [ -e ${first} ]; then touch ${second}; echo event; exec sleep 60; fi; touch ${first};;`,
        `*link*) if [ -e ${second} ]; then echo '${LINKS}'; else echo '[]'; fi;;`,
        `*) echo '[]';;`,
      ].join('\n'),
    );
    const warning = new Promise<void>((resolve) => {
      warned = resolve;
    });
    const deliveries = new Deliveries();
    await host.start(deliveries.listener);
    await warning;
    await deliveries.until(() => deliveries.find('eth0') !== undefined);
    assert.deepEqual(warnings, ['ip monitor is not running; starting it again']);
  });
});
