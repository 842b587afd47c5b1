import assert from 'node:assert/strict';
import type { Kind, Resource } from '../../src/resource/resource.ts';
import { DEFAULT_ALLOW_PROFILE } from '../../src/resource/profile.ts';
import { decodeSpec, decodeValue, manifest, summaries } from './objects.ts';

/** The fields of a decoded resource besides its identity. */
function fieldsOf(resource: Resource | null): Record<string, unknown> {
  const identity = new Set(['kind', 'namespace', 'name']);
  return Object.fromEntries(Object.entries(resource ?? {}).filter(([key]) => !identity.has(key)));
}

describe('decodeUpdate of a HostEndpoint', () => {
  it('reads every field', () => {
    const value = manifest(
      'HostEndpoint',
      {
        node: 'db-1',
        interfaceName: 'bond0.120',
        expectedIPs: ['192.0.2.1', '2001:DB8::0:1', '::ffff:192.0.2.2'],
        profiles: ['base', 'kns.Odd_Name'],
        ports: [
          { name: 'pg', protocol: 'tcp', port: 5432 },
          { name: 'Pg_2', protocol: 'SCTP', port: 1 },
        ],
      },
      { labels: { role: 'db', 'projectcalico.org/namespace': 'shop' } },
    );
    const { resource } = decodeValue('HostEndpoint', value);
    assert.deepEqual(fieldsOf(resource), {
      labels: { role: 'db', 'projectcalico.org/namespace': 'shop' },
      node: 'db-1',
      interfaceName: 'bond0.120',
      expectedIPs: ['192.0.2.1', '2001:db8::1', '192.0.2.2'],
      profiles: ['base', 'kns.Odd_Name'],
      ports: [
        { name: 'pg', protocol: 6, port: 5432 },
        { name: 'Pg_2', protocol: 132, port: 1 },
      ],
    });
  });

  const port = { name: 'http', protocol: 'TCP', port: 80 };
  const absent: readonly (readonly [string, Record<string, unknown>])[] = [
    ['node-missing spec.node', { interfaceName: 'eth0' }],
    ['interface-invalid spec.interfaceName', { node: 'n', interfaceName: 'eth0:1' }],
    ['interface-invalid spec.interfaceName', { node: 'n', interfaceName: 'eth*' }],
    ['interface-invalid spec.interfaceName', { node: 'n', interfaceName: 'a123456789012345' }],
    ['profile-invalid spec.profiles[1]', { node: 'n', interfaceName: '*', profiles: ['a', 'b c'] }],
    ['profile-invalid spec.profiles[0]', { node: 'n', interfaceName: '*', profiles: [''] }],
    [
      'port-invalid spec.ports[0].name',
      { node: 'n', interfaceName: '*', ports: [{ ...port, name: '' }] },
    ],
    [
      'port-invalid spec.ports[0].name',
      { node: 'n', interfaceName: '*', ports: [{ ...port, name: 'a b' }] },
    ],
    [
      'port-invalid spec.ports[0].port',
      { node: 'n', interfaceName: '*', ports: [{ ...port, port: 0 }] },
    ],
    [
      'protocol-invalid spec.ports[1].protocol',
      { node: 'n', interfaceName: '*', ports: [port, { ...port, protocol: 'ICMP' }] },
    ],
    [
      'protocol-invalid spec.ports[0].protocol',
      { node: 'n', interfaceName: '*', ports: [{ ...port, protocol: 1 }] },
    ],
    [
      'protocol-invalid spec.ports[0].protocol',
      { node: 'n', interfaceName: '*', ports: [{ name: 'a', port: 1 }] },
    ],
  ];
  for (const [problem, spec] of absent) {
    it(`treats ${JSON.stringify(spec)} as absent`, () => {
      const update = decodeSpec('HostEndpoint', spec);
      assert.equal(update.resource, null);
      assert.deepEqual(summaries(update), [`error ${problem}`]);
    });
  }

  it('skips addresses that it cannot read, and honours protocol numbers', () => {
    const update = decodeSpec('HostEndpoint', {
      node: 'n',
      expectedIPs: ['10.0.0.01', '10.0.0.0/8', '10.0.0.1'],
      ports: [{ ...port, protocol: 17 }],
    });
    assert.deepEqual(fieldsOf(update.resource)['expectedIPs'], ['10.0.0.1']);
    assert.deepEqual(fieldsOf(update.resource)['ports'], [
      { name: 'http', protocol: 17, port: 80 },
    ]);
    assert.deepEqual(summaries(update), [
      'warning protocol-number spec.ports[0].protocol',
      'error address-invalid spec.expectedIPs[0]',
      'error address-invalid spec.expectedIPs[1]',
    ]);
  });
});

describe('decodeUpdate of a WorkloadEndpoint', () => {
  const spec = {
    orchestrator: 'k8s',
    serviceAccountName: 'orders',
    interfaceName: 'cali1',
    ipNetworks: ['10.244.9.4/24', 'FD00::4/128', '10.0.0.1'],
    profiles: ['kns.shop', 'ksa.shop.orders'],
    ports: [
      { name: 'grpc', protocol: 'TCP', port: 9090, hostPort: 0, hostIP: '' },
      { name: '', protocol: 'TCP', port: 9091, hostPort: 9091, hostIP: '' },
    ],
  };

  it('reads labels, addresses, profiles and named ports', () => {
    const labels = {
      app: 'orders',
      'pcns.env': 'spoofed',
      'pcsa.team': 'x',
      'projectcalico.org/serviceaccount': 'old',
    };
    const { resource } = decodeValue(
      'WorkloadEndpoint',
      manifest('WorkloadEndpoint', spec, { labels }),
    );
    assert.deepEqual(fieldsOf(resource), {
      labels: { app: 'orders', 'projectcalico.org/serviceaccount': 'orders' },
      profiles: ['kns.shop', 'ksa.shop.orders'],
      addresses: ['10.244.9.4', 'fd00::4', '10.0.0.1'],
      ports: [{ name: 'grpc', protocol: 6, port: 9090 }],
    });
  });

  const absent: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
    [{ ipNetworks: [] }, []],
    [{ ipNetworks: null }, []],
    [{ interfaceName: '' }, ['error interface-missing spec.interfaceName']],
    [{ ipNetworks: ['10.0.0.1/32', 'x'] }, ['error address-invalid spec.ipNetworks[1]']],
    [{ ipNetworks: ['10.0.0.1/33'] }, ['error address-invalid spec.ipNetworks[0]']],
    [{ ipNetworks: ['10.0.0.1/'] }, ['error address-invalid spec.ipNetworks[0]']],
    [
      { ports: [{ name: 'a', protocol: 'ICMP', port: 1 }] },
      ['error protocol-invalid spec.ports[0].protocol'],
    ],
    [{ ports: [{ name: 'a', protocol: 'TCP', port: -1 }] }, ['error malformed spec.ports[0].port']],
    [{ mac: 5 }, ['error malformed spec.mac']],
  ];
  for (const [change, problems] of absent) {
    it(`treats ${JSON.stringify(change)} as absent`, () => {
      const update = decodeSpec('WorkloadEndpoint', { ...spec, ...change });
      assert.equal(update.resource, null);
      assert.deepEqual(summaries(update), problems);
    });
  }

  it('warns of source spoofing', () => {
    const update = decodeSpec('WorkloadEndpoint', {
      ...spec,
      allowSpoofedSourcePrefixes: ['10.0.0.0/8'],
    });
    assert.notEqual(update.resource, null);
    assert.deepEqual(summaries(update), [
      'warning source-spoofing spec.allowSpoofedSourcePrefixes',
    ]);
  });
});

describe('decodeUpdate of a network set', () => {
  const nets = [
    '198.51.100.130/25',
    '203.0.113.200',
    '0.0.0.0/0',
    'FD00::1/8',
    'bogus',
    '1.2.3.4/33',
  ];
  const read = ['198.51.100.128/25', '203.0.113.200/32', '0.0.0.0/0', 'fd00::/8'];
  const problems = ['error net-invalid spec.nets[4]', 'error net-invalid spec.nets[5]'];

  it('reads a GlobalNetworkSet with its own labels', () => {
    const update = decodeValue(
      'GlobalNetworkSet',
      manifest('GlobalNetworkSet', { nets }, { labels: { a: 'b' } }),
    );
    assert.deepEqual(fieldsOf(update.resource), { labels: { a: 'b' }, profiles: [], nets: read });
    assert.deepEqual(summaries(update), problems);
  });

  it('reads a NetworkSet as if it were in its namespace', () => {
    const labels = { a: 'b', 'projectcalico.org/namespace': 'forged' };
    const update = decodeValue('NetworkSet', manifest('NetworkSet', { nets }, { labels }));
    assert.deepEqual(fieldsOf(update.resource), {
      labels: { a: 'b', 'projectcalico.org/namespace': 'shop' },
      profiles: ['kns.shop'],
      nets: read,
    });
    assert.deepEqual(summaries(update), [
      ...problems,
      'warning label-invalid metadata.labels["projectcalico.org/namespace"]',
    ]);
  });
});

describe('decodeUpdate of a Profile', () => {
  const allow = { action: 'Allow' };

  it('reads rules and labels', () => {
    const update = decodeSpec('Profile', {
      ingress: [allow],
      labelsToApply: { 'pcns.env': 'prod' },
    });
    assert.deepEqual(fieldsOf(update.resource), {
      rules: { ingress: DEFAULT_ALLOW_PROFILE.rules?.ingress, egress: [] },
      labelsToApply: { 'pcns.env': 'prod' },
    });
    assert.deepEqual(summaries(update), []);
  });

  const longKey = `pcns.${'k'.repeat(60)}`;
  const cases: readonly (readonly [string, Record<string, unknown>, boolean, boolean])[] = [
    [
      'rules that cannot be read',
      { ingress: [{ ...allow, protocol: 0 }], labelsToApply: { a: 'b' } },
      false,
      false,
    ],
    ['a port 0', { egress: [{ ...allow, protocol: 'TCP', source: { ports: [0] } }] }, false, false],
    [
      'a bad net',
      { ingress: [{ ...allow, source: { nets: ['x'] } }], labelsToApply: { a: 'b' } },
      true,
      false,
    ],
    [
      'a label key too long',
      { ingress: [allow], labelsToApply: { a: 'b', [longKey]: 'v' } },
      true,
      false,
    ],
    ['a label value too long', { labelsToApply: { a: 'v'.repeat(64) } }, true, false],
    [
      'an action in lower case',
      { ingress: [{ action: 'allow' }], labelsToApply: { a: 'b' } },
      true,
      true,
    ],
    [
      'icmp without protocol',
      { ingress: [{ ...allow, icmp: { type: 8 } }], labelsToApply: { a: 'b' } },
      true,
      true,
    ],
  ];
  for (const [what, spec, hasRules, hasLabels] of cases) {
    it(`with ${what} ${hasRules ? 'keeps' : 'loses'} its rules and ${hasLabels ? 'keeps' : 'loses'} its labels`, () => {
      const update = decodeSpec('Profile', spec);
      const { rules, labelsToApply } = fieldsOf(update.resource);
      assert.equal(rules !== null, hasRules);
      assert.equal(Object.keys(labelsToApply ?? {}).length > 0, hasLabels);
      assert.ok(update.problems.length > 0);
    });
  }
});

describe('decodeUpdate of other kinds', () => {
  const cases: readonly (readonly [Kind, unknown, Record<string, unknown>])[] = [
    [
      'Tier',
      { order: 100, defaultAction: 'Pass' },
      { order: 100, defaultAction: 'Pass', enforcement: 'enforce' },
    ],
    ['Tier', {}, { order: Infinity, defaultAction: 'Deny', enforcement: 'enforce' }],
    [
      'Tier',
      { defaultAction: 'pass' },
      { order: Infinity, defaultAction: 'Deny', enforcement: 'enforce' },
    ],
    [
      'Tier',
      { defaultAction: 'Allow' },
      { order: Infinity, defaultAction: 'Deny', enforcement: 'enforce' },
    ],
    ['Node', { bgp: { ipv4Address: '10.0.0.1/24', asNumber: 64512 } }, { labels: {} }],
    [
      'ClusterInformation',
      { datastoreReady: true, clusterGUID: 'ab', calicoVersion: 'v3.32.0' },
      { datastoreReady: true, clusterGUID: 'ab', calicoVersion: 'v3.32.0' },
    ],
    ['ClusterInformation', {}, { datastoreReady: false, clusterGUID: '', calicoVersion: '' }],
  ];
  for (const [kind, spec, expected] of cases) {
    it(`reads ${kind} ${JSON.stringify(spec)}`, () => {
      assert.deepEqual(fieldsOf(decodeSpec(kind, spec).resource), expected);
    });
  }

  const enforcements: readonly (readonly [string, string, readonly string[]])[] = [
    ['observe', 'observe', []],
    ['enforce', 'enforce', []],
    ['Observe', 'enforce', ['metadata.annotations["rampart/enforcement"]']],
    ['', 'enforce', ['metadata.annotations["rampart/enforcement"]']],
  ];
  for (const [value, enforcement, fields] of enforcements) {
    it(`takes a tier annotated ${JSON.stringify(value)} for one to ${enforcement}`, () => {
      const tier = manifest('Tier', {}, { annotations: { 'rampart/enforcement': value } });
      const { resource, problems } = decodeValue('Tier', tier);
      assert.equal(fieldsOf(resource)['enforcement'], enforcement);
      assert.deepEqual(
        problems.map(({ severity, field }) => [severity, field]),
        fields.map((field) => ['error', field]),
      );
    });
  }

  it('is not ready when the flag is not a boolean', () => {
    assert.equal(decodeSpec('ClusterInformation', { datastoreReady: 'true' }).resource, null);
  });
});
