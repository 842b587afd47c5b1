import fc from 'fast-check';
import { SettingsResolver } from '../../src/agent/settings-resolver.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { fuzz, hostileText, inTime, oddValue } from './cases.ts';

const KEYS = [
  ...['node', 'name', 'datastore', 'type', 'directory', 'etcd', 'endpoints', 'log', 'level'],
  ...['health', 'metrics', 'enabled', 'host', 'port', 'stateDir', 'nftables', 'transport'],
];
const yaml = fc.oneof(
  hostileText,
  fc
    .array(fc.tuple(fc.nat(3), fc.constantFrom(...KEYS), fc.oneof(hostileText, fc.constant(''))))
    .map((lines) =>
      lines.map(([depth, key, value]) => `${'  '.repeat(depth)}${key}: ${value}`).join('\n'),
    ),
  oddValue.map((value) => JSON.stringify({ node: value, etcd: { endpoints: value }, log: value })),
);
const variables = fc.dictionary(
  fc.constantFrom(
    ...['RAMPART_NODE_NAME', 'RAMPART_LOG_LEVEL', 'RAMPART_HEALTH_PORT', 'RAMPART_', 'RAMPART_X'],
    ...['DATASTORE_TYPE', 'ETCD_ENDPOINTS', 'NODENAME', 'FELIX_LOGPREFIX', 'FELIX_', 'FELIX_X'],
  ),
  hostileText,
);
const PARAMETERS = [
  ...['failsafeinboundhostports', 'failsafeoutboundhostports', 'nftablesmarkmask', 'logprefix'],
  ...['logactionratelimit', 'logactionratelimitburst', 'interfaceexclude', 'reportinginterval'],
  ...['ipv6support', 'healthport', 'prometheusmetricsport', 'logseverityscreen'],
];
const layer = fc.option(
  fc
    .dictionary(fc.constantFrom(...PARAMETERS), hostileText)
    .map((some) => new Map(Object.entries(some))),
);

describe('configuration, with anything at all', function () {
  this.timeout(0);

  it('is taken or refused with reasons', () => {
    fuzz(
      'configuration files and environment',
      fc.property(yaml, variables, hostileText, (fileText, environment, hostName) => {
        inTime(() => loadConfig({ fileText, filePath: 'rampart.yaml', environment, hostName }));
      }),
    );
  });

  it('FelixConfiguration never keeps settings from being resolved', () => {
    const config = loadConfig({ fileText: null, filePath: '', environment: {}, hostName: 'hosta' });
    if (!config.ok) throw new Error('the defaults are refused');
    const resolver = new SettingsResolver(config.value, () => undefined);
    fuzz(
      'FelixConfiguration',
      fc.property(layer, layer, layer, (perHost, bySelector, global) => {
        inTime(() => resolver.resolve({ perHost, bySelector, global }));
      }),
    );
  });
});
