import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { readBootReport } from '../../src/agent/boot-report.ts';
import { readConfigFile } from '../../src/config/config-file.ts';
import { createControlClient } from '../../src/control/client.ts';
import { SOCKET_NAME } from '../../src/control/wire.ts';
import { Daemon, startDaemon } from '../support/daemon.ts';
import type { LogLine } from '../support/daemon.ts';
import { type Namespace, NamespaceGroup } from '../support/netns.ts';

const SCRIPT = 'packaging/boot/rampart-boot';
const SHIPPED = 'packaging/boot/boot-policy.nft';
const LAST_GOOD =
  'add table inet rampart\ndelete table inet rampart\ntable inet rampart {\n\tchain mine {\n\t}\n}\n';

const OUTAGE = 'datastore lost: the rules in force stay';
const ARRIVED = 'the boot unit has loaded rules: they stay until the first sync';
const FOREIGN = 'somebody else changed our table: writing it again';

/** The chains of our table; empty when there is none. */
async function chains(netns: Namespace): Promise<readonly string[]> {
  const listing = await netns.run(['nft', 'list', 'ruleset']);
  return [...listing.matchAll(/chain (\S+) \{/g)].map(([, name]) => name ?? '').sort();
}

describe('the boot unit’s script', () => {
  const group = new NamespaceGroup();
  let netns: Namespace;
  let home = '';
  const at = (...parts: readonly string[]): string => join(home, ...parts);
  const boot = (env: Readonly<Record<string, string>> = {}): Promise<string> =>
    netns.run([
      'env',
      `RAMPART_CONFIG=${at('rampart.yaml')}`,
      `RAMPART_STATE_DIR=${at('state')}`,
      `RAMPART_RUN_DIR=${at('run')}`,
      `RAMPART_BOOT_SHIPPED=${SHIPPED}`,
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      'dash',
      SCRIPT,
    ]);
  const mark = (): string => readFileSync(at('run/boot'), 'utf8');
  const report = (): ReturnType<typeof readBootReport> =>
    readBootReport({ runDir: at('run'), stateDir: at('state') });

  before(async () => {
    netns = await group.add('boot');
    await netns.run(['ip', 'link', 'set', 'lo', 'up']);
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rampart-boot-'));
    mkdirSync(at('state'));
  });
  afterEach(async () => {
    await netns.run(['nft', 'flush', 'ruleset']);
    rmSync(home, { recursive: true });
  });
  after(() => group.dispose());

  it('promise 6: loads the last good rules', async () => {
    writeFileSync(at('state/last-good.nft'), LAST_GOOD);
    assert.match(await boot(), /^last-good: /);
    assert.deepEqual(await chains(netns), ['mine']);
    assert.match(mark(), /^last-good\n/);
    assert.equal(report().rules, 'last-good');
    assert.deepEqual(report().faults(), []);
  });

  it('loads the boot policy on a host that has never synced', async () => {
    assert.match(await boot(), /^boot: this host has never synced: the boot policy/);
    assert.deepEqual(await chains(netns), ['boot-forward', 'boot-input']);
    assert.equal(report().rules, 'boot');
    assert.deepEqual(report().faults(), []);
  });

  it('a downgrade: loads what a newer version saved, whatever it says about itself', async () => {
    writeFileSync(
      at('state/last-good.nft'),
      `# Last good rules of gw1, written by rampartd 99.0.0 on 2099-01-01.\n${LAST_GOOD}`,
    );
    assert.match(await boot(), /^last-good: /);
    assert.deepEqual(await chains(netns), ['mine']);
  });

  const broken = {
    'what only a newer nft understands': `${LAST_GOOD}add novelty inet rampart mine\n`,
    nonsense: 'table inet rampart { chain',
    'an empty file': '',
    'what makes no table': 'add table inet rampart\ndelete table inet rampart\n',
    'zeros, as a power loss leaves them': '\0'.repeat(4096),
    'half a file': LAST_GOOD.slice(0, -5),
  };
  for (const [what, text] of Object.entries(broken)) {
    it(`falls back to the boot policy and says so: ${what} for last good rules`, async () => {
      writeFileSync(at('state/last-good.nft'), text);
      assert.match(await boot(), /^fallback: .*last-good\.nft cannot be loaded: .+/);
      assert.deepEqual(await chains(netns), ['boot-forward', 'boot-input']);
      assert.equal(report().rules, 'boot');
      const [fault] = report().faults();
      assert.equal(fault?.code, 'boot-fallback');
      assert.match(fault.message, /^at the last boot: .*cannot be loaded/);
      rmSync(at('run/boot'));
      assert.deepEqual(report().faults(), []);
    });
  }

  it('loads a boot policy of one’s own, and the shipped one when that is broken', async () => {
    writeFileSync(at('mine.nft'), LAST_GOOD);
    writeFileSync(at('rampart.yaml'), `boot:\n  policy: ${at('mine.nft')} # ours\n`);
    assert.match(await boot(), /^boot: .*mine\.nft is in force/);
    assert.deepEqual(await chains(netns), ['mine']);
    await netns.run(['nft', 'flush', 'ruleset']);
    writeFileSync(at('mine.nft'), 'table inet rampart {');
    assert.match(await boot(), /^fallback: .*mine\.nft cannot be loaded/);
    assert.deepEqual(await chains(netns), ['boot-forward', 'boot-input']);
  });

  it('protects with the shipped policy when boot.policy cannot be understood', async () => {
    assert.match(await boot({ RAMPART_BOOT_POLICY: 'oepn' }), /^fallback: .*neither default, none/);
    assert.deepEqual(await chains(netns), ['boot-forward', 'boot-input']);
  });

  it('leaves the host open only when told to, or when nothing can be loaded, and says so', async () => {
    assert.match(await boot({ RAMPART_BOOT_POLICY: 'none' }), /^open: .*THIS HOST IS OPEN/);
    assert.deepEqual(await chains(netns), []);
    assert.equal(report().faults()[0]?.code, 'boot-open');
    writeFileSync(at('broken.nft'), 'table');
    await assert.rejects(boot({ RAMPART_BOOT_SHIPPED: at('broken.nft') }));
    assert.match(mark(), /^open\n.*broken\.nft cannot be loaded: .*THIS HOST IS OPEN/);
  });

  it('stays open while an operator’s flush holds, and no longer', async () => {
    writeFileSync(at('state/last-good.nft'), LAST_GOOD);
    const now = Math.floor(Date.now() / 1000);
    for (const holds of ['forever', 'forever\n', `${now + 600}\n`]) {
      writeFileSync(at('state/flushed'), holds);
      assert.match(await boot(), /^flushed: /);
      assert.deepEqual(await chains(netns), []);
    }
    for (const over of [`${now - 1}\n`, 'until noon\n', '']) {
      writeFileSync(at('state/flushed'), over);
      assert.match(await boot(), /last-good: /);
      assert.deepEqual(await chains(netns), ['mine']);
      await netns.run(['nft', 'flush', 'ruleset']);
    }
  });

  it('touches nothing when rules are in force, and no table of others', async () => {
    await netns.run(['nft', 'add table inet other; add chain inet other theirs']);
    await boot();
    assert.deepEqual(await chains(netns), ['boot-forward', 'boot-input', 'theirs']);
    writeFileSync(at('state/last-good.nft'), LAST_GOOD);
    assert.match(await boot(), /already in force/);
    assert.deepEqual(await chains(netns), ['boot-forward', 'boot-input', 'theirs']);
  });

  it('reads the configuration file as the daemon does', async () => {
    const files = [
      'boot:\n  policy: none\n',
      'boot: # comment\n    policy: "none" # why\n',
      "node:\n  name: a\nboot:\n  policy: 'none'\nhealth:\n  port: 1\n",
      'boot: { policy: none }\n',
      '\r\nboot:\r\n  policy: none\r\n',
      'boot:\n  #policy: none\n',
      '# boot:\n#   policy: none\n',
      'node:\n  name: none\n',
      'boot:\n\n  # policy: default\n  policy:   none\n',
    ];
    for (const text of files) {
      writeFileSync(at('rampart.yaml'), text);
      const value = readConfigFile(text, 'rampart.yaml').byKey.get('boot.policy')?.text;
      assert.equal((await boot()).startsWith('open: '), value === 'none', text);
      await netns.run(['nft', 'flush', 'ruleset']);
    }
  });

  it('protects a host whose daemon started with nothing in force, which knows the rules for its own', async function () {
    this.timeout(60_000);
    const daemon = new Daemon({
      ...{ netns, nodeName: 'boot', etcdEndpoint: 'http://127.0.0.1:1' },
      ...{ stateDir: at('state'), runDir: at('run') },
    });
    const client = createControlClient(at('run', SOCKET_NAME));
    const said = (message: string) => (lines: readonly LogLine[]) =>
      lines.some(({ msg }) => msg === message);
    try {
      daemon.launch();
      await daemon.waitFor('the outage', said(OUTAGE), 20_000, 0);
      assert.equal((await client.status()).rulesInForce, 'none');
      await boot();
      await daemon.waitFor('the rules', said(ARRIVED), 20_000, 0);
      const { rulesInForce, lastApply } = await client.status();
      assert.deepEqual([rulesInForce, lastApply], ['boot', null]);
      assert.ok(!said(FOREIGN)(daemon.log));
      await netns.run(['nft', 'delete', 'table', 'inet', 'rampart']);
      await daemon.waitFor('the change', said(FOREIGN), 20_000, 0);
    } finally {
      await daemon.stop();
    }
  });

  it('is followed by the daemon in one transaction, boot policy and all', async function () {
    this.timeout(60_000);
    await boot();
    mkdirSync(at('resources'));
    const monitor = netns.spawn(['nft', 'monitor']);
    const seen: string[] = [];
    const handedOver = new Promise<void>((resolve) => {
      monitor.stdout?.on('data', (data: Buffer) => {
        seen.push(data.toString());
        if (/boot-input[^]*new generation/.test(seen.join(''))) resolve();
      });
    });
    const daemon = await startDaemon({
      netns,
      nodeName: 'boot',
      etcdEndpoint: '',
      stateDir: at('state'),
      runDir: at('run'),
      env: {
        DATASTORE_TYPE: 'file',
        ETCD_ENDPOINTS: '',
        RAMPART_DATASTORE_DIRECTORY: at('resources'),
      },
    });
    try {
      assert.ok(!(await chains(netns)).some((name) => name.startsWith('boot-')));
      await handedOver;
    } finally {
      await daemon.stop();
    }
    const generations = seen
      .join('')
      .split('# new generation')
      .filter((part) => part.includes('chain'));
    assert.equal(generations.length, 1, seen.join(''));
    assert.match(generations[0] ?? '', /delete chain inet rampart boot-input/);
  });
});
