import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatProblem } from '../../src/base/problem.ts';
import { resolveSettings } from '../../src/config/felix-settings.ts';
import type { DataplaneSettings, SettingsLayers } from '../../src/config/felix-settings.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Environment } from '../../src/config/config-environment.ts';
import { DEFAULT_FAILSAFE_INBOUND, DEFAULT_FAILSAFE_OUTBOUND } from '../../src/net/failsafe.ts';

type Parameters = Readonly<Record<string, string>>;

interface Given {
  readonly environment?: Environment;
  readonly fileText?: string;
  readonly perHost?: Parameters;
  readonly bySelector?: Parameters;
  readonly global?: Parameters;
}

function layersOf(given: Given): SettingsLayers {
  const { environment = {}, fileText = null } = given;
  const local = loadConfig({ fileText, filePath: 'rampart.yaml', environment, hostName: 'web01' });
  assert.ok(local.ok, JSON.stringify(local));
  const map = (parameters: Parameters | undefined): ReadonlyMap<string, string> | null =>
    parameters === undefined ? null : new Map(Object.entries(parameters));
  return {
    environmentFelix: local.value.felixParameters,
    local: local.value,
    perHost: map(given.perHost),
    bySelector: map(given.bySelector),
    global: map(given.global),
  };
}

function resolve(given: Given): DataplaneSettings {
  const { settings, problems } = resolveSettings(layersOf(given));
  assert.deepEqual(problems, []);
  return settings;
}

function problemsOf(given: Given): readonly string[] {
  return resolveSettings(layersOf(given)).problems.map(formatProblem);
}

describe('resolveSettings', () => {
  it('has Felix’s defaults where no layer says anything', () => {
    assert.deepEqual(resolve({}), {
      failsafeInbound: DEFAULT_FAILSAFE_INBOUND,
      failsafeOutbound: DEFAULT_FAILSAFE_OUTBOUND,
      disableConntrackInvalidCheck: false,
      denyAction: 'Drop',
      logPrefix: 'calico-packet',
      logRateLimit: null,
      markMask: 0xffff0000,
      ipv6Support: true,
      interfaceExclude: [{ kind: 'name', name: 'kube-ipvs0' }],
      enforcement: 'enforce',
      neighbourDiscoveryKeepAlive: true,
      deniedLog: null,
      endpointReportingEnabled: false,
      endpointReportingDelayMs: 1000,
      reportingIntervalMs: 30_000,
      reportingTTLMs: 90_000,
      health: { enabled: true, host: '127.0.0.1', port: 9099 },
      metrics: { enabled: false, host: '127.0.0.1', port: 9091 },
      logLevel: 'info',
    });
  });

  it('reads every parameter', () => {
    const settings = resolve({
      fileText: 'neighbourDiscovery: {keepAlive: false}\nenforcement: observe',
      global: {
        failsafeinboundhostports: 'tcp:10.0.0.0/8:22',
        failsafeoutboundhostports: 'none',
        disableconntrackinvalidcheck: 'true',
        nftablesfilterdenyaction: 'Reject',
        logprefix: 'drop %n',
        logactionratelimit: '10/minute',
        logactionratelimitburst: '20',
        nftablesmarkmask: '0xf0',
        ipv6support: 'false',
        interfaceexclude: '/^cali/',
        endpointreportingenabled: 'true',
        endpointreportingdelaysecs: '2.5',
        reportingintervalsecs: '0',
        reportingttlsecs: '60',
        healthport: '19099',
        prometheusmetricsenabled: 'true',
        prometheusmetricshost: '0.0.0.0',
        logseverityscreen: 'Debug',
      },
    });
    assert.deepEqual(settings, {
      failsafeInbound: [{ protocol: 6, net: '10.0.0.0/8', port: 22 }],
      failsafeOutbound: [],
      disableConntrackInvalidCheck: true,
      denyAction: 'Reject',
      logPrefix: 'drop %n',
      logRateLimit: { rate: 10, per: 'minute', burst: 20 },
      markMask: 0xf0,
      ipv6Support: false,
      interfaceExclude: [{ kind: 'regex', source: '^cali' }],
      neighbourDiscoveryKeepAlive: false,
      deniedLog: null,
      endpointReportingEnabled: true,
      enforcement: 'observe',
      endpointReportingDelayMs: 2500,
      reportingIntervalMs: 0,
      reportingTTLMs: 60_000,
      health: { enabled: true, host: '127.0.0.1', port: 19099 },
      metrics: { enabled: true, host: '0.0.0.0', port: 9091 },
      logLevel: 'debug',
    });
  });

  it('limits logging with Felix’s default burst of 5', () => {
    assert.deepEqual(resolve({ global: { logactionratelimit: '1/second' } }).logRateLimit, {
      rate: 1,
      per: 'second',
      burst: 5,
    });
  });

  const order = ['environment', 'perHost', 'bySelector', 'global'] as const;
  for (const [index, strongest] of order.entries()) {
    it(`takes ${strongest} over every weaker layer`, () => {
      const given: Record<string, Parameters> = {};
      for (const layer of order.slice(index)) {
        given[layer] = layer === 'environment' ? { FELIX_LOGPREFIX: layer } : { logprefix: layer };
      }
      assert.equal(resolve(given).logPrefix, strongest);
    });
  }

  it('resolves each parameter by itself', () => {
    const settings = resolve({
      perHost: { logprefix: 'mine', ipv6support: '' },
      global: { logprefix: 'all', ipv6support: 'no' },
    });
    assert.equal(settings.logPrefix, 'mine');
    assert.equal(settings.ipv6Support, false);
  });

  it('takes this host’s file over FelixConfiguration, and the environment over both', () => {
    const given = {
      fileText: 'health: {port: 2}',
      perHost: { healthport: '3' },
      global: { healthhost: '::' },
    };
    assert.deepEqual(resolve(given).health, { enabled: true, host: '::', port: 2 });
    const environment = { FELIX_HEALTHPORT: '1' };
    assert.equal(resolve({ ...given, environment }).health.port, 1);
  });

  it('keeps the weaker layer’s failsafe ports when a stronger list cannot be read', () => {
    const layers = layersOf({
      perHost: { failsafeinboundhostports: 'tcp:ssh' },
      bySelector: { failsafeinboundhostports: ' , ' },
      global: { failsafeinboundhostports: 'tcp:2222' },
    });
    const { settings, problems } = resolveSettings(layers);
    assert.deepEqual(settings.failsafeInbound, [{ protocol: 6, net: null, port: 2222 }]);
    const [first = '', second = ''] = problems.map(formatProblem);
    assert.match(
      first,
      /^FelixConfiguration node\.web01: spec\.failsafeInboundHostPorts: "tcp:ssh" /,
    );
    assert.match(
      second,
      /^FelixConfiguration selected by nodeSelector: .* none for no failsafe ports/,
    );
  });

  it('keeps the default failsafe ports when no list can be read', () => {
    const layers = layersOf({ environment: { FELIX_FAILSAFEINBOUNDHOSTPORTS: 'icmp:22' } });
    const { settings, problems } = resolveSettings(layers);
    assert.equal(settings.failsafeInbound, DEFAULT_FAILSAFE_INBOUND);
    assert.match(
      problems.map(formatProblem).join('\n'),
      /^environment: FELIX_FAILSAFEINBOUNDHOSTPORTS: "icmp:22" cannot be read and is ignored; /,
    );
  });

  it('never loses failsafe ports to a list that is not a list', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => text.trim().toLowerCase() !== 'none'),
        (text) => {
          const { settings } = resolveSettings(
            layersOf({ global: { failsafeinboundhostports: text } }),
          );
          assert.ok(settings.failsafeInbound.length > 0);
        },
      ),
    );
  });

  it('names the object, the field and what is allowed', () => {
    assert.deepEqual(
      problemsOf({
        global: { nftablesmarkmask: '1', ipv6support: 'maybe', healthport: '-1' },
      }),
      [
        'FelixConfiguration default: spec.nftablesMarkMask: "1" cannot be read and is ignored; write a 32-bit number with at least two bits set, such as 0xffff0000.',
        'FelixConfiguration default: spec.ipv6Support: "maybe" cannot be read and is ignored; write true or false.',
        'FelixConfiguration default: spec.healthPort: "-1" cannot be read and is ignored; write a port number from 0 to 65535 (0: any free port).',
      ],
    );
  });

  it('reads only the Nftables names, and says so to those who set only the Iptables ones', () => {
    const layers = layersOf({
      global: { iptablesfilterdenyaction: 'Reject', iptablesmarkmask: '0xff' },
    });
    const { settings, problems } = resolveSettings(layers);
    assert.equal(settings.denyAction, 'Drop');
    assert.equal(settings.markMask, 0xffff0000);
    assert.deepEqual(problems.map(formatProblem), [
      'FelixConfiguration default: spec.iptablesFilterDenyAction: This has no effect on a host that uses nftables; set NftablesFilterDenyAction as well.',
      'FelixConfiguration default: spec.iptablesMarkMask: This has no effect on a host that uses nftables; set NftablesMarkMask as well.',
    ]);
    assert.ok(problems.every(({ severity }) => severity === 'warning'));
  });

  it('says nothing of Iptables names beside their Nftables twins', () => {
    const twins = { iptablesfilterdenyaction: 'Drop', nftablesfilterdenyaction: 'Reject' };
    assert.equal(resolve({ global: twins }).denyAction, 'Reject');
  });

  it('ignores parameters of the datastore that only the host may set', () => {
    const { local } = layersOf({});
    const settings = resolve({ global: { felixhostname: 'evil', etcdendpoints: 'http://x:1' } });
    assert.deepEqual(settings, resolve({}));
    assert.equal(local.nodeName, 'web01');
  });

  it('never throws, whatever the parameters hold', () => {
    const names = [
      'failsafeinboundhostports',
      'logactionratelimit',
      'interfaceexclude',
      'healthhost',
    ];
    const parameters = fc.dictionary(fc.constantFrom(...names, 'nftablesmarkmask'), fc.string());
    fc.assert(
      fc.property(parameters, parameters, (perHost, global) => {
        const { settings } = resolveSettings(layersOf({ perHost, global }));
        assert.ok(settings.markMask > 2);
      }),
    );
  });
});
