import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach } from 'mocha';
import { it } from 'mocha';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';

const COMMAND = ['--import', 'tsx', 'daemon/rampartd.ts'] as const;
const HEALTH_PORT = 19_099;

const HOST = `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: lo, labels: {role: edge}}
spec: {node: hosta, interfaceName: lo0}
---
`;

function policy(port: number): string {
  return `${HOST}apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: allow}
spec:
  selector: role == "edge"
  ingress: [{action: Allow, protocol: TCP, destination: {ports: [${port}]}}]
  egress: [{action: Allow}]
`;
}

interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

describeInNamespace('rampartd', () => {
  let home = '';
  let running: ChildProcess[] = [];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rampart-cli-'));
    mkdirSync(join(home, 'resources'));
    writeFileSync(join(home, 'resources', 'a.yaml'), policy(80));
  });
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running = [];
    spawnSync('nft', ['delete', 'table', 'inet', 'rampart']);
    rmSync(home, { recursive: true });
  });

  function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      RAMPART_NODE_NAME: 'hosta',
      RAMPART_DATASTORE_DIRECTORY: join(home, 'resources'),
      RAMPART_STATE_DIR: join(home, 'state'),
      RAMPART_RUN_DIR: join(home, 'run'),
      RAMPART_HEALTH_PORT: String(HEALTH_PORT),
      ...extra,
    };
  }

  function run(
    args: readonly string[],
    extra: Readonly<Record<string, string>> = {},
  ): { readonly status: number | null; readonly out: string; readonly err: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...COMMAND, ...args], {
      env: environment(extra),
      encoding: 'utf8',
    });
    return { status, out: stdout, err: stderr };
  }

  /** A daemon, and a way to await a line of its log. */
  function start(
    extra: Readonly<Record<string, string>> = {},
    args: readonly string[] = [],
  ): {
    readonly child: ChildProcess;
    said(message: string): Promise<LogLine>;
    exited(): Promise<number | null>;
  } {
    const child = spawn(process.execPath, [...COMMAND, ...args], {
      env: environment(extra),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(child);
    const lines: LogLine[] = [];
    const waiting = new Set<() => void>();
    let position = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(JSON.parse(line) as LogLine);
      for (const wake of waiting) wake();
    });
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return {
      child,
      exited: () => exit,
      said: (message) =>
        new Promise((resolve) => {
          const look = (): void => {
            const at = lines.findIndex(({ msg }, i) => i >= position && msg === message);
            const line = lines[at];
            if (line === undefined) return;
            position = at + 1;
            waiting.delete(look);
            resolve(line);
          };
          waiting.add(look);
          look();
        }),
    };
  }

  function table(): string {
    return execFileSync('nft', ['list', 'table', 'inet', 'rampart'], { encoding: 'utf8' });
  }

  async function health(path: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: HEALTH_PORT, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
  }

  it('prints its version', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.deepEqual(run(['--version']), { status: 0, out: `${manifest.version}\n`, err: '' });
  });

  it('refuses an unknown option with 64 and a hint', () => {
    const { status, err } = run(['--chek-config']);
    assert.equal(status, 64);
    assert.match(err, /--check-config/);
  });

  it('checks the configuration without touching anything', () => {
    const { status, out } = run(['--check-config']);
    assert.equal(status, 0);
    assert.match(out, /^configuration good: node hosta, datastore file/);
    assert.throws(table);
  });

  it('names every mistake in the configuration, what is allowed, and ends with 78', () => {
    const file = join(home, 'rampart.yaml');
    writeFileSync(file, 'log:\n  level: loud\nnodes: {}\n');
    const { status, err } = run(['--config', file], { RAMPART_HEALTH_PORT: '123456' });
    assert.equal(status, 78);
    assert.match(err, /log\.level.*debug.*info/);
    assert.match(err, /nodes/);
    assert.match(err, /RAMPART_HEALTH_PORT/);
  });

  it('refuses an nft that is too old, says what to install, touches nothing, and ends with 69', () => {
    const programs = join(home, 'bin');
    mkdirSync(programs);
    writeFileSync(join(programs, 'nft'), '#!/bin/sh\necho "nftables v0.9.3 (Topsy)"\n', {
      mode: 0o755,
    });
    const { status, err } = run(['--once'], {
      PATH: `${programs}:${process.env['PATH'] ?? ''}`,
      RAMPART_NFTABLES_TRANSPORT: 'process',
    });
    assert.equal(status, 69);
    assert.match(err, /nft 0\.9\.3 is too old: 0\.9\.8 .*Install nftables/);
    assert.throws(table);
  });

  it('says so when the configuration file that it was given is missing', () => {
    const { status, err } = run(['--config', join(home, 'none.yaml')]);
    assert.equal(status, 78);
    assert.match(err, /none\.yaml: cannot be read/);
  });

  it('logs for people or for machines, as RAMPART_LOG_FORMAT says', () => {
    const lines = (format: string): readonly string[] =>
      run(['--once'], { RAMPART_LOG_FORMAT: format }).out.trim().split('\n');
    const machine = lines('json').map((line) => JSON.parse(line) as LogLine);
    assert.ok(machine.some(({ msg }) => msg === 'starting'));
    const people = lines('text');
    assert.ok(
      people.some((line) => line.includes(' starting') && line.includes('node=hosta')),
      people[0],
    );
    for (const line of people) assert.ok(!line.startsWith('{'), line);
  });

  it('applies once and leaves the rules', () => {
    assert.equal(run(['--once']).status, 0);
    assert.match(table(), /tcp dport 80 counter name "ingress\/gnp\/allow\/0" accept/);
  });

  it('writes the rules as a list when it is told not to optimise', () => {
    const policies = Array.from({ length: 10 }, (_, i) =>
      policy(1000 + i)
        .slice(HOST.length)
        .replace('{name: allow}', `{name: allow-${i}}`),
    );
    writeFileSync(join(home, 'resources', 'a.yaml'), HOST + policies.join('---\n'));
    assert.equal(run(['--once']).status, 0);
    assert.equal(run(['--once']).status, 0);
    assert.equal(table().match(/^\tmap /gm)?.length, 1);
    assert.match(table(), /tcp dport vmap/);
    assert.equal(run(['--once', '--no-optimise']).status, 0);
    assert.doesNotMatch(table(), /dport vmap|^\tmap |dport-6/m);
    assert.match(table(), /tcp dport 1009 counter name "ingress\/gnp\/allow-9\/0" accept/);
  });

  it('follows the manifests, tells its health, and leaves the rules when it stops', async () => {
    const daemon = start();
    await daemon.said('in sync and applied');
    assert.equal(await health('/liveness'), 200);
    assert.equal(await health('/readiness'), 200);
    writeFileSync(join(home, 'resources', 'a.yaml'), policy(81));
    await daemon.said('applied');
    assert.match(table(), /tcp dport 81 /);
    daemon.child.kill('SIGTERM');
    assert.equal(await daemon.exited(), 0);
    assert.match(table(), /tcp dport 81 /);
  });

  it('is not ready before it has applied', async () => {
    const daemon = start({ RAMPART_DATASTORE_DIRECTORY: join(home, 'missing') });
    // The local API listens too, and may be first.
    for (let service; service !== 'health';) ({ service } = await daemon.said('listening'));
    assert.equal(await health('/readiness'), 503);
    assert.equal(await health('/liveness'), 200);
    assert.throws(table);
  });

  it('promise 5: a daemon that was killed leaves the rules, and the next one takes them over', async () => {
    const first = start();
    await first.said('in sync and applied');
    first.child.kill('SIGKILL');
    await first.exited();
    const before = table();
    const second = start();
    await second.said('in sync and applied');
    assert.equal(table(), before);
  });

  it('stops in order and reads its configuration again when told so while it starts', async () => {
    const daemon = start();
    await daemon.said('starting');
    daemon.child.kill('SIGHUP');
    await daemon.said('configuration and certificates read again');
    const stopped = start();
    await stopped.said('starting');
    stopped.child.kill('SIGTERM');
    await stopped.said('stopping: the rules stay in force');
    assert.equal(await stopped.exited(), 0);
  });

  it('reads its configuration again on SIGHUP, and keeps the old one when the new one is wrong', async () => {
    const file = join(home, 'rampart.yaml');
    writeFileSync(file, 'neighbourDiscovery:\n  keepAlive: true\n');
    const daemon = start({}, ['--config', file]);
    await daemon.said('in sync and applied');
    assert.match(table(), /neighbour discovery/);
    writeFileSync(file, 'neighbourDiscovery:\n  keepAlive: maybe\n');
    daemon.child.kill('SIGHUP');
    await daemon.said('the configuration was not reloaded: the old one stays in force');
    writeFileSync(file, 'neighbourDiscovery:\n  keepAlive: false\n');
    daemon.child.kill('SIGHUP');
    await daemon.said('applied');
    assert.doesNotMatch(table(), /neighbour discovery/);
  });

  it('leaves a file that nft loads to the very rules in force', () => {
    const members = `---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: app, labels: {role: app}}
spec: {nets: [192.0.2.7/32, 2001:db8::/64]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: from-app}
spec:
  selector: role == "edge"
  ingress: [{action: Allow, source: {selector: role == "app"}}]
`;
    writeFileSync(join(home, 'resources', 'a.yaml'), `${policy(80)}${members}`);
    assert.equal(run(['--once']).status, 0);
    const list = ['-s', 'list', 'table', 'inet', 'rampart'];
    const lines = (): readonly string[] =>
      execFileSync('nft', list, { encoding: 'utf8' }).split('\n').sort();
    const inForce = lines();
    assert.ok(inForce.some((line) => line.includes('192.0.2.7')));
    assert.ok(inForce.some((line) => line.includes('2001:db8::/64')));
    execFileSync('nft', ['delete', 'table', 'inet', 'rampart']);
    execFileSync('nft', ['-f', join(home, 'state', 'last-good.nft')]);
    assert.deepEqual(lines(), inForce);
    execFileSync('nft', ['-f', join(home, 'state', 'last-good.nft')]);
    assert.deepEqual(lines(), inForce, 'loading it again changes nothing');
  });

  it('restores the table at once when somebody else flushes the whole ruleset', async () => {
    const daemon = start();
    await daemon.said('in sync and applied');
    const before = table();
    execFileSync('nft', ['flush', 'ruleset']);
    const change = await daemon.said('somebody else changed our table: writing it again');
    assert.equal((change['process'] as { name: string } | null)?.name, 'nft');
    await daemon.said('applied');
    assert.equal(table(), before);
  });
});
