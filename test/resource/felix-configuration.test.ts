import assert from 'node:assert/strict';
import { decodeSpec, decodeValue, manifest, summaries } from './objects.ts';

function parameters(spec: unknown): Record<string, string> {
  const { resource } = decodeSpec('FelixConfiguration', spec);
  assert.ok(resource?.kind === 'FelixConfiguration');
  return Object.fromEntries(resource.parameters);
}

describe('decodeUpdate of a FelixConfiguration', () => {
  const cases: readonly (readonly [unknown, Record<string, string>])[] = [
    [{}, {}],
    [{ logPrefix: '' }, {}],
    [
      { logPrefix: 'calico %t %p', ipv6Support: false },
      { logprefix: 'calico %t %p', ipv6support: 'false' },
    ],
    [
      { healthPort: 9099, nftablesMarkMask: 4294901760 },
      { healthport: '9099', nftablesmarkmask: '4294901760' },
    ],
    [{ nftablesRefreshInterval: '1m30s' }, { nftablesrefreshinterval: '90' }],
    [
      { routeRefreshInterval: '0', xdpRefreshInterval: '1500ms' },
      { routerefreshinterval: '0', xdprefreshinterval: '1.5' },
    ],
    [
      { reportingInterval: '30s', reportingTTL: '1h' },
      { reportingintervalsecs: '30', reportingttlsecs: '3600' },
    ],
    [{ iptablesLockProbeInterval: '50ms' }, { iptableslockprobeintervalmillis: '50' }],
    [{ failsafeInboundHostPorts: [] }, { failsafeinboundhostports: 'none' }],
    [
      {
        failsafeInboundHostPorts: [
          { protocol: 'TCP', port: 22, net: '10.1.2.3/8' },
          { protocol: 'udp', port: 68 },
          { port: 179 },
          { protocol: 'SCTP', port: 5, net: '2001:db8::1' },
        ],
      },
      { failsafeinboundhostports: 'tcp:10.0.0.0/8:22,udp:68,tcp:179,sctp:[2001:db8::1/128]:5' },
    ],
    [{ externalNodesList: ['10.0.0.1', '10.0.0.2'] }, { externalnodeslist: '10.0.0.1,10.0.0.2' }],
    [{ kubeNodePortRanges: [80, '30000:32767'] }, { kubenodeportranges: '80,30000:32767' }],
    [{ routeTableRange: { min: 1, max: 250 } }, { routetablerange: '1-250' }],
    [
      { healthTimeoutOverrides: [{ name: 'x', timeout: '90s' }] },
      { healthtimeoutoverrides: 'x=90s' },
    ],
    [{ LogPrefix: 'odd case', futureField: 1 }, { logprefix: 'odd case' }],
  ];
  for (const [spec, expected] of cases) {
    it(`reads ${JSON.stringify(spec)}`, () => {
      assert.deepEqual(parameters(spec), expected);
    });
  }

  it('merges annotations over fields', () => {
    const annotations = {
      'config.projectcalico.org/LogPrefix': 'mine',
      'config.projectcalico.org/NewOne': '1',
      x: 'y',
    };
    const value = manifest('FelixConfiguration', { logPrefix: 'field' }, { annotations });
    const { resource } = decodeValue('FelixConfiguration', value);
    assert.ok(resource?.kind === 'FelixConfiguration');
    assert.deepEqual(Object.fromEntries(resource.parameters), { logprefix: 'mine', newone: '1' });
  });

  for (const [entry, field] of [
    [{ protocol: 'ICMP', port: 1 }, 'protocol'],
    [{ protocol: 'TCP', port: 1, net: 'x' }, 'net'],
  ] as const) {
    it(`leaves a list unset when it cannot read ${JSON.stringify(entry)}`, () => {
      const spec = {
        failsafeOutboundHostPorts: [{ protocol: 'TCP', port: 2 }, entry],
        logPrefix: 'x',
      };
      assert.deepEqual(parameters(spec), { logprefix: 'x' });
      assert.ok(
        summaries(decodeSpec('FelixConfiguration', spec)).some((text) =>
          text.endsWith(`spec.failsafeOutboundHostPorts[1].${field}`),
        ),
      );
    });
  }

  for (const spec of [
    { reportingInterval: 30 },
    { reportingInterval: '30' },
    { reportingInterval: '1 minute' },
    { failsafeInboundHostPorts: [{ protocol: 'TCP', port: 65536 }] },
    { healthPort: '9099' },
    { nodeSelector: 'role = "edge"' },
  ]) {
    it(`treats ${JSON.stringify(spec)} as absent`, () => {
      const update = decodeSpec('FelixConfiguration', spec);
      assert.equal(update.resource, null);
      assert.equal(update.problems.length, 1);
    });
  }

  it('reads the node selector and the time', () => {
    const value = manifest(
      'FelixConfiguration',
      { nodeSelector: "role == 'edge'" },
      { creationTimestamp: '2026-08-03T10:00:00Z' },
    );
    const { resource } = decodeValue('FelixConfiguration', value);
    assert.ok(resource?.kind === 'FelixConfiguration');
    assert.equal(resource.nodeSelector?.text, 'role == "edge"');
    assert.equal(resource.creationTimestamp, '2026-08-03T10:00:00Z');
    assert.equal(resource.parameters.has('nodeselector'), false);
  });

  it('does not know a time that is not RFC 3339', () => {
    const value = manifest('FelixConfiguration', {}, { creationTimestamp: 'yesterday' });
    const update = decodeValue('FelixConfiguration', value);
    assert.ok(update.resource?.kind === 'FelixConfiguration');
    assert.equal(update.resource.creationTimestamp, '');
    assert.deepEqual(summaries(update), ['warning timestamp-invalid metadata.creationTimestamp']);
  });
});
