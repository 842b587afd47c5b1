import convict from 'convict';
import type { Problem } from '../base/problem.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { chooseDatastore } from './choose-datastore.ts';
import { useCredentials } from './credential-path.ts';
import { felixEnvironment, readEnvironment } from './config-environment.ts';
import type { Environment } from './config-environment.ts';
import { readConfigFile } from './config-file.ts';
import type { DatastoreSettings, LocalConfig } from './local-config.ts';
import { configProblem } from './raw-setting.ts';
import type { RawSetting } from './raw-setting.ts';
import { schema } from './schema.ts';
import type { Settings } from './schema.ts';
import { findSetting } from './setting-keys.ts';
import { NODE_NAME } from './value-format.ts';

/** Everything the configuration is made of; whoever calls has done the reading. */
export interface ConfigInput {
  /** Text of the configuration file; null when there is none. */
  readonly fileText: string | null;
  /** For messages. */
  readonly filePath: string;
  readonly environment: Environment;
  /** The host name as the operating system gives it. */
  readonly hostName: string;
}

/**
 * The configuration of this host: environment over file over built-in defaults, keys of FelixConfiguration
 * left to `resolveSettings`. Fails with every mistake at once; each says where it was made and what is allowed.
 */
export function loadConfig(input: ConfigInput): Result<LocalConfig, readonly Problem[]> {
  const file = readConfigFile(input.fileText ?? '', input.filePath);
  const environment = readEnvironment(input.environment);
  const origins = new Map([...file.byKey, ...environment.byKey]);
  const parsed = parseValues(origins);
  const problems = [...file.problems, ...environment.problems, ...parsed.problems];
  if (problems.length > 0) return err(problems);
  const { CREDENTIALS_DIRECTORY } = input.environment;
  const settings = useCredentials(complete(parsed.valueByKey), CREDENTIALS_DIRECTORY);
  const datastore = chooseDatastore(settings, origins);
  const nodeName = chooseNodeName(settings, input.hostName);
  if (!nodeName.ok || !datastore.ok) {
    return err([...(nodeName.ok ? [] : nodeName.error), ...(datastore.ok ? [] : datastore.error)]);
  }
  const { enforcement, log, control, health, metrics, neighbourDiscovery, nftables } = settings;
  const { connections, flows, rollback, stateDir, runDir } = settings;
  return ok({
    nodeName: nodeName.value,
    datastore: datastore.value,
    connections,
    flows,
    ...{
      enforcement,
      log,
      control,
      health,
      metrics,
      neighbourDiscovery,
      nftables,
      rollback,
      stateDir,
      runDir,
    },
    originByKey: new Map([...origins].map(([key, { origin }]) => [key, origin])),
    felixParameters: felixEnvironment(input.environment),
    warnings: [
      ...warnAboutName(nodeName.value, origins),
      ...warnAboutEtcd(datastore.value, origins),
    ],
  });
}

type Origins = ReadonlyMap<string, RawSetting>;

interface Parsed {
  readonly valueByKey: ReadonlyMap<string, unknown>;
  readonly problems: readonly Problem[];
}

function parseValues(origins: Origins): Parsed {
  const valueByKey = new Map<string, unknown>();
  const problems: Problem[] = [];
  for (const [key, { text, origin }] of origins) {
    const setting = findSetting(key);
    const value = setting?.schema.valueFormat.parse(text) ?? null;
    if (setting === undefined || value !== null) {
      valueByKey.set(key, value);
      continue;
    }
    const found = setting.schema.isSecret === true ? 'What it holds' : JSON.stringify(redact(text));
    const message = `${found} is not allowed; write ${setting.schema.valueFormat.allowed}.`;
    problems.push(configProblem('config-invalid-value', { origin, key }, message));
  }
  return { valueByKey, problems };
}

// A URL may carry a password where none is allowed.
function redact(text: string): string {
  return text.replaceAll(/\/\/[^/@]*@/g, '//…@');
}

// Empty environment and arguments: convict would otherwise read those of the process by itself.
function complete(valueByKey: ReadonlyMap<string, unknown>): Settings {
  const config = convict<Settings>(schema, { env: {}, args: [] });
  for (const [key, value] of valueByKey) config.set<string>(key, value);
  return config.validate({ allowed: 'strict' }).getProperties();
}

function chooseNodeName(settings: Settings, hostName: string): Result<string, readonly Problem[]> {
  if (settings.node.name !== null) return ok(settings.node.name);
  const name = hostName.trim().toLowerCase();
  if (NODE_NAME.parse(name) !== null) return ok(name);
  const message = `The host name ${JSON.stringify(hostName)} cannot be a node name; set node.name (RAMPART_NODE_NAME) to ${NODE_NAME.allowed}.`;
  return err([
    configProblem('config-invalid-value', { origin: 'host name', key: 'node.name' }, message),
  ]);
}

function warnAboutName(name: string, origins: Origins): readonly Problem[] {
  if (name === name.toLowerCase()) return [];
  const origin = origins.get('node.name')?.origin ?? 'host name';
  const message = `${JSON.stringify(name)} has capital letters, which Calico refuses in spec.node: no HostEndpoint can be for this host; write it in lower case.`;
  return [warning({ origin, key: 'node.name' }, message)];
}

function warnAboutEtcd(datastore: DatastoreSettings, origins: Origins): readonly Problem[] {
  if (datastore.kind === 'file' || datastore.endpoints[0]?.startsWith('https:') === true) return [];
  const keys = ['etcd.caCertFile', 'etcd.certFile', 'etcd.keyFile'];
  const unused = keys.find((key) => origins.has(key));
  if (unused !== undefined) {
    const message =
      'Not used, because the endpoints of etcd begin with http://; write https:// there.';
    return [warning({ origin: origins.get(unused)?.origin ?? '', key: unused }, message)];
  }
  if (datastore.username === null) return [];
  const message = 'The password travels in the clear: the endpoints of etcd begin with http://.';
  return [
    warning({ origin: origins.get('etcd.username')?.origin ?? '', key: 'etcd.username' }, message),
  ];
}

function warning(
  where: { readonly origin: string; readonly key: string },
  message: string,
): Problem {
  return { ...configProblem('config-doubtful', where, message), severity: 'warning' };
}
