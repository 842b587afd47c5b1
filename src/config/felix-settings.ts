import type { Problem } from '../base/problem.ts';
import type { FailsafePort } from '../net/failsafe.ts';
import * as parameters from './felix-parameters.ts';
import type { FelixParameter } from './felix-parameters.ts';
import type { Rate } from './felix-value.ts';
import type { InterfacePattern } from './interface-pattern.ts';
import type { LocalConfig } from './local-config.ts';
import { LOG_LEVEL } from './schema.ts';
import type { ListenSettings, LogLevel } from './schema.ts';
import { findSetting } from './setting-keys.ts';
import { BOOLEAN, LISTEN_HOST, PORT } from './value-format.ts';
import type { ValueFormat } from './value-format.ts';

/** Everything that Felix parameters decide, resolved over all layers. */
export interface DataplaneSettings {
  readonly enforcement: LocalConfig['enforcement'];
  readonly failsafeInbound: readonly FailsafePort[];
  readonly failsafeOutbound: readonly FailsafePort[];
  readonly disableConntrackInvalidCheck: boolean;
  readonly denyAction: 'Drop' | 'Reject';
  /** Not yet expanded; may be empty. */
  readonly logPrefix: string;
  /** Burst 0–9999. */
  readonly logRateLimit: (Rate & { readonly burst: number }) | null;
  /** Unsigned 32 bits, at least two of them set. */
  readonly markMask: number;
  readonly ipv6Support: boolean;
  readonly interfaceExclude: readonly InterfacePattern[];
  readonly neighbourDiscoveryKeepAlive: boolean;
  /** Null: denied packets are not logged. */
  readonly deniedLog: { readonly group: number; readonly rateLimit: number } | null;
  readonly endpointReportingEnabled: boolean;
  readonly endpointReportingDelayMs: number;
  readonly reportingIntervalMs: number;
  readonly reportingTTLMs: number;
  readonly health: ListenSettings;
  readonly metrics: ListenSettings;
  readonly logLevel: LogLevel;
}

type Layer = ReadonlyMap<string, string> | null;

/** Where parameters come from, strongest first; Felix parameter names in lower case to Felix's text forms. */
export interface SettingsLayers {
  readonly environmentFelix: ReadonlyMap<string, string>;
  readonly local: LocalConfig;
  /** FelixConfiguration `node.<name>`. */
  readonly perHost: Layer;
  /** The FelixConfiguration whose nodeSelector matches this host. */
  readonly bySelector: Layer;
  /** FelixConfiguration `default`. */
  readonly global: Layer;
}

/**
 * Resolves every parameter by itself: the strongest layer that gives a valid value wins, the built-in default
 * where none does. A value that cannot be read changes nothing (a bad failsafe list never closes a host) and
 * is a problem that names the object. Empty text counts as not given, as in Felix.
 */
export function resolveSettings(layers: SettingsLayers): {
  readonly settings: DataplaneSettings;
  readonly problems: readonly Problem[];
} {
  const reader: Reader = { layers: nameLayers(layers), local: layers.local, problems: [] };
  const settings: DataplaneSettings = {
    enforcement: layers.local.enforcement,
    failsafeInbound: resolve(reader, parameters.FAILSAFE_INBOUND),
    failsafeOutbound: resolve(reader, parameters.FAILSAFE_OUTBOUND),
    disableConntrackInvalidCheck: resolve(reader, parameters.DISABLE_CONNTRACK_INVALID_CHECK),
    denyAction: resolve(reader, parameters.FILTER_DENY_ACTION),
    logPrefix: resolve(reader, parameters.LOG_PREFIX),
    logRateLimit: resolveRateLimit(reader),
    markMask: resolve(reader, parameters.MARK_MASK),
    ipv6Support: resolve(reader, parameters.IPV6_SUPPORT),
    interfaceExclude: resolve(reader, parameters.INTERFACE_EXCLUDE),
    neighbourDiscoveryKeepAlive: layers.local.neighbourDiscovery.keepAlive,
    deniedLog: deniedLog(layers.local),
    endpointReportingEnabled: resolve(reader, parameters.ENDPOINT_REPORTING_ENABLED),
    endpointReportingDelayMs: resolve(reader, parameters.ENDPOINT_REPORTING_DELAY),
    reportingIntervalMs: resolve(reader, parameters.REPORTING_INTERVAL),
    reportingTTLMs: resolve(reader, parameters.REPORTING_TTL),
    health: resolveListen(reader, 'health'),
    metrics: resolveListen(reader, 'metrics'),
    logLevel: resolveKey(reader, 'log.level', { value: layers.local.log.level, format: LOG_LEVEL }),
  };
  warnAboutIptables(reader);
  return { settings, problems: reader.problems };
}

function deniedLog({ flows }: LocalConfig): DataplaneSettings['deniedLog'] {
  const { denied, group, rateLimit } = flows;
  return denied ? { group, rateLimit } : null;
}

interface NamedLayer {
  /** The object, for people. */
  readonly object: string;
  readonly values: ReadonlyMap<string, string>;
  /** The field in that object. */
  readonly field: (parameterName: string) => string;
}

interface Reader {
  /** Strongest first; the first one is the environment. */
  readonly layers: readonly NamedLayer[];
  readonly local: LocalConfig;
  readonly problems: Problem[];
}

function nameLayers(layers: SettingsLayers): readonly NamedLayer[] {
  const name = layers.local.nodeName;
  return [
    {
      object: 'environment',
      values: layers.environmentFelix,
      field: (parameterName) => `FELIX_${parameterName.toUpperCase()}`,
    },
    ...felixConfiguration(`FelixConfiguration node.${name}`, layers.perHost),
    ...felixConfiguration('FelixConfiguration selected by nodeSelector', layers.bySelector),
    ...felixConfiguration('FelixConfiguration default', layers.global),
  ];
}

function felixConfiguration(object: string, values: Layer): readonly NamedLayer[] {
  return values === null ? [] : [{ object, values, field: fieldOf }];
}

// The JSON name of a parameter: LogPrefix → spec.logPrefix.
function fieldOf(name: string): string {
  return `spec.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

function resolve<T>(reader: Reader, parameter: FelixParameter<T>): T {
  for (const layer of reader.layers) {
    const text = layer.values.get(parameter.name.toLowerCase()) ?? '';
    if (text === '') continue;
    const result = parameter.parse(text);
    if (result.ok) return result.value;
    refuse(reader, layer, { name: parameter.name, text, reason: result.error });
  }
  return parameter.defaultValue;
}

function resolveRateLimit(reader: Reader): DataplaneSettings['logRateLimit'] {
  const rate = resolve(reader, parameters.LOG_RATE_LIMIT);
  const burst = resolve(reader, parameters.LOG_RATE_LIMIT_BURST);
  return rate === null ? null : { ...rate, burst };
}

function resolveListen(reader: Reader, section: 'health' | 'metrics'): ListenSettings {
  const { enabled, host, port } = reader.local[section];
  return {
    enabled: resolveKey(reader, `${section}.enabled`, { value: enabled, format: BOOLEAN }),
    host: resolveKey(reader, `${section}.host`, { value: host, format: LISTEN_HOST }),
    port: resolveKey(reader, `${section}.port`, { value: port, format: PORT }),
  };
}

// Keys that the file has too. The environment, FELIX_* included, is already part of the local configuration.
function resolveKey<T>(
  reader: Reader,
  key: string,
  local: { readonly value: T; readonly format: ValueFormat<T> },
): T {
  const name = findSetting(key)?.schema.felixParameter;
  if (name === undefined || reader.local.originByKey.has(key)) return local.value;
  for (const layer of reader.layers.slice(1)) {
    const text = layer.values.get(name.toLowerCase()) ?? '';
    if (text === '' || text.toLowerCase() === 'none') continue;
    const value = local.format.parse(text);
    if (value !== null) return value;
    refuse(reader, layer, { name, text, reason: `write ${local.format.allowed}` });
  }
  return local.value;
}

interface Refusal {
  readonly name: string;
  readonly text: string;
  readonly reason: string;
}

function refuse(reader: Reader, layer: NamedLayer, { name, text, reason }: Refusal): void {
  reader.problems.push({
    severity: 'error',
    code: 'felix-parameter-invalid',
    object: layer.object,
    field: layer.field(name),
    message: `${JSON.stringify(text)} cannot be read and is ignored; ${reason}.`,
  });
}

const IPTABLES_TWINS = [
  ['IptablesFilterDenyAction', parameters.FILTER_DENY_ACTION],
  ['IptablesMarkMask', parameters.MARK_MASK],
] as const;

// Felix reads the Iptables* names only when it programs iptables. Somebody who set only those may expect more.
function warnAboutIptables(reader: Reader): void {
  for (const [iptablesName, { name }] of IPTABLES_TWINS) {
    const isSet = (parameterName: string): NamedLayer | undefined =>
      reader.layers.find(({ values }) => (values.get(parameterName.toLowerCase()) ?? '') !== '');
    const layer = isSet(iptablesName);
    if (layer === undefined || isSet(name) !== undefined) continue;
    reader.problems.push({
      severity: 'warning',
      code: 'felix-parameter-iptables',
      object: layer.object,
      field: layer.field(iptablesName),
      message: `This has no effect on a host that uses nftables; set ${name} as well.`,
    });
  }
}
