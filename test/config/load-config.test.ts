import assert from 'node:assert/strict';
import { formatProblem } from '../../src/base/problem.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { ConfigInput } from '../../src/config/load-config.ts';
import type { LocalConfig } from '../../src/config/local-config.ts';

const FILE = '/etc/rampart/rampart.yaml';

function input(changes: Partial<ConfigInput>): ConfigInput {
  return { fileText: null, filePath: FILE, environment: {}, hostName: 'web01', ...changes };
}

function load(changes: Partial<ConfigInput>): LocalConfig {
  const result = loadConfig(input(changes));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function problemsOf(changes: Partial<ConfigInput>): readonly string[] {
  const result = loadConfig(input(changes));
  assert.ok(!result.ok);
  return result.error.map(formatProblem);
}

describe('loadConfig', () => {
  it('has a default for everything', () => {
    assert.deepEqual(load({}), {
      nodeName: 'web01',
      datastore: { kind: 'file', directory: '/etc/rampart/resources' },
      enforcement: 'enforce',
      neighbourDiscovery: { keepAlive: true },
      rollback: { onDatastoreLoss: false, onSshLoss: false, sshPort: 22, within: 30 },
      connections: { cutOnDeny: false },
      flows: { denied: false, group: 2000, rateLimit: 10 },
      nftables: { transport: 'auto' },
      health: { enabled: true, host: '127.0.0.1', port: 9099 },
      metrics: { enabled: false, host: '127.0.0.1', port: 9091 },
      log: { level: 'info', format: 'json' },
      control: { group: null },
      stateDir: '/var/lib/rampart',
      runDir: '/run/rampart',
      originByKey: new Map(),
      felixParameters: new Map(),
      warnings: [],
    });
  });

  it('takes the environment over the file, and the file over the defaults', () => {
    const config = load({
      fileText: 'health: {port: 1, host: 10.0.0.1}\nlog: {level: debug}',
      environment: { RAMPART_HEALTH_PORT: '2', FELIX_LOGSEVERITYSCREEN: 'WARNING' },
    });
    assert.deepEqual(config.health, { enabled: true, host: '10.0.0.1', port: 2 });
    assert.equal(config.log.level, 'warn');
  });

  it('remembers where each value came from', () => {
    const config = load({
      fileText: 'health: {port: 1}\nlog: {level: debug}',
      environment: { RAMPART_HEALTH_PORT: '2' },
    });
    assert.deepEqual(Object.fromEntries(config.originByKey), {
      'health.port': 'environment variable RAMPART_HEALTH_PORT',
      'log.level': `${FILE} line 2`,
    });
  });

  it('hands on the Felix parameters of the environment', () => {
    const config = load({ environment: { FELIX_LOGPREFIX: 'deny' } });
    assert.deepEqual(Object.fromEntries(config.felixParameters), { logprefix: 'deny' });
  });

  it('reads nothing from the process by itself', () => {
    process.env['RAMPART_HEALTH_PORT'] = '1';
    try {
      assert.equal(load({}).health.port, 9099);
    } finally {
      delete process.env['RAMPART_HEALTH_PORT'];
    }
  });

  it('gives every call a value of its own', () => {
    assert.notEqual(load({}).health, load({}).health);
  });

  it('lower-cases and trims the host name, but takes node.name as it is', () => {
    assert.equal(load({ hostName: ' Web01.Example.org\n' }).nodeName, 'web01.example.org');
    assert.equal(load({ environment: { NODENAME: 'Web01' } }).nodeName, 'Web01');
  });

  it('warns of capital letters in node.name, which no HostEndpoint can carry', () => {
    const { warnings } = load({ fileText: 'node: {name: Web01}' });
    assert.equal(warnings.length, 1);
    assert.match(
      formatProblem(warnings[0] ?? assert.fail()),
      /line 1: node\.name: "Web01" .*lower case/,
    );
  });

  it('asks for node.name when the host name cannot be one', () => {
    assert.match(
      problemsOf({ hostName: 'wëb 1' })[0] ?? '',
      /node\.name: The host name "wëb 1" .*RAMPART_NODE_NAME/,
    );
  });

  it('reports every mistake at once: key, place, what was found, what is allowed', () => {
    const problems = problemsOf({
      fileText: 'health:\n  port: 99999\n  hots: x\n',
      environment: { RAMPART_LOG_LEVEL: 'loud', RAMPART_LOGLEVEL: 'info' },
    });
    assert.deepEqual(problems, [
      `${FILE} line 3: health.hots: There is no such key; did you mean health.host?`,
      'environment variable RAMPART_LOGLEVEL: No setting is called so; did you mean RAMPART_LOG_LEVEL?',
      `${FILE} line 2: health.port: "99999" is not allowed; write a port number from 0 to 65535 (0: any free port).`,
      'environment variable RAMPART_LOG_LEVEL: log.level: "loud" is not allowed; write debug, info, warn or error.',
    ]);
  });

  it('does not print a password that it refuses', () => {
    const [problem = ''] = problemsOf({ environment: { ETCD_PASSWORD: 'hunter2\nx' } });
    assert.match(problem, /^environment variable ETCD_PASSWORD: etcd\.password: /);
    assert.doesNotMatch(problem, /hunter2/);
  });

  it('does not print the password inside a URL', () => {
    const environment = { ETCD_ENDPOINTS: 'https://a:2379,https://root:hunter2@b:2379' };
    const [problem = ''] = problemsOf({ environment });
    assert.match(problem, /ETCD_ENDPOINTS: etcd\.endpoints: "https:\/\/a:2379,https:\/\/…@b:2379"/);
  });

  it('refuses the Kubernetes datastore', () => {
    assert.deepEqual(problemsOf({ environment: { DATASTORE_TYPE: 'kubernetes' } }), [
      'environment variable DATASTORE_TYPE: datastore.type: "kubernetes" is not allowed; write etcdv3 or file.',
    ]);
  });
});

describe('loadConfig: which datastore', () => {
  it('is etcd where endpoints are given, by whatever name', () => {
    const endpoints = ['https://a:2379', 'https://b:2379'];
    const ways: readonly Partial<ConfigInput>[] = [
      { fileText: 'etcd: {endpoints: [https://a:2379, https://b:2379]}' },
      { environment: { RAMPART_ETCD_ENDPOINTS: 'https://a:2379,https://b:2379' } },
      { environment: { ETCD_ENDPOINTS: 'https://a:2379, https://b' } },
      { environment: { FELIX_ETCDENDPOINTS: 'https://a:2379/,https://b:2379/' } },
    ];
    for (const way of ways) {
      assert.deepEqual(load(way).datastore, {
        kind: 'etcdv3',
        endpoints,
        caCertFile: null,
        certFile: null,
        keyFile: null,
        username: null,
        password: null,
        passwordFile: null,
      });
    }
  });

  it('takes files and credentials of etcd along', () => {
    const { datastore, warnings } = load({
      fileText:
        'etcd:\n  endpoints: https://a:2379\n  caCertFile: /ca\n  certFile: /c\n  keyFile: /k\n  username: u\n',
      environment: { ETCD_PASSWORD: 'p' },
    });
    assert.deepEqual(datastore, {
      kind: 'etcdv3',
      endpoints: ['https://a:2379'],
      caCertFile: '/ca',
      certFile: '/c',
      keyFile: '/k',
      username: 'u',
      password: 'p',
      passwordFile: null,
    });
    assert.deepEqual(warnings, []);
  });

  it('is a directory otherwise', () => {
    assert.deepEqual(load({ fileText: 'datastore: {directory: /srv/calico}' }).datastore, {
      kind: 'file',
      directory: '/srv/calico',
    });
  });

  it('accepts etcdv3 beside a directory that is not used then', () => {
    const { datastore } = load({
      fileText: 'datastore: {type: etcdv3, directory: /srv}\netcd: {endpoints: http://a:2379}',
    });
    assert.equal(datastore.kind, 'etcdv3');
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    [
      'datastore: {type: file}\netcd: {endpoints: http://a:2379}',
      /line 1: datastore\.type: Found "file", but \S+ line 2 gives endpoints of etcd; remove one/,
    ],
    [
      'datastore: {directory: /srv}\netcd: {endpoints: http://a:2379}',
      /line 1: datastore\.directory: A directory of manifests is given here, .*datastore\.type: etcdv3/,
    ],
    ['datastore: {type: etcdv3}', /line 1: datastore\.type: This needs etcd, .*etcd\.endpoints/],
    ['etcd: {caCertFile: /ca}', /line 1: etcd\.caCertFile: This needs etcd, .*etcd\.endpoints/],
    [
      'etcd: {endpoints: https://a:2379, certFile: /c}',
      /etcd\.certFile: This needs etcd\.keyFile beside it/,
    ],
    [
      'etcd: {endpoints: https://a:2379, keyFile: /c}',
      /etcd\.keyFile: This needs etcd\.certFile beside it/,
    ],
    [
      'etcd: {endpoints: https://a:2379, username: u}',
      /etcd\.username: This needs etcd\.passwordFile beside it/,
    ],
    [
      'etcd: {endpoints: https://a:2379, passwordFile: /p}',
      /etcd\.passwordFile: This needs etcd\.username beside it/,
    ],
  ];
  for (const [fileText, message] of refused) {
    it(`refuses ${JSON.stringify(fileText)}`, () => {
      const problems = problemsOf({ fileText });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', message);
    });
  }

  it('warns of certificates and passwords that meet http://', () => {
    const doubtful = [
      ['etcd: {endpoints: http://a:2379, caCertFile: /ca}', /etcd\.caCertFile: Not used/],
      ['etcd: {endpoints: http://a:2379, username: u, passwordFile: /p}', /in the clear/],
    ] as const;
    for (const [fileText, message] of doubtful) {
      const { warnings } = load({ fileText });
      assert.equal(warnings.length, 1);
      assert.equal(warnings[0]?.severity, 'warning');
      assert.match(formatProblem(warnings[0]), message);
    }
  });
});
