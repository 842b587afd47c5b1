import type { Problem } from '../base/problem.ts';
import { nearestName } from './nearest-name.ts';
import { configProblem } from './raw-setting.ts';
import type { RawSetting, RawSettings } from './raw-setting.ts';
import { SETTING_KEYS } from './setting-keys.ts';
import type { SettingKey } from './setting-keys.ts';

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings that environment variables give: `RAMPART_*` first, then Calico's names, then `FELIX_*`.
 * An empty variable counts as absent. Unknown `RAMPART_*` variables are errors.
 */
export function readEnvironment(environment: Environment): RawSettings {
  const felix = felixEnvironment(environment);
  const byKey = new Map<string, RawSetting>();
  for (const setting of SETTING_KEYS) {
    const found = readSetting(setting, environment, felix);
    if (found !== null) byKey.set(setting.key, found);
  }
  return { byKey, problems: findUnknown(environment) };
}

/**
 * Felix parameters that the environment sets, by lower-case name: `FELIX_LOGPREFIX` → `logprefix`. The prefix
 * and the name are read in any case, as Felix does; empty values are left out.
 */
export function felixEnvironment(environment: Environment): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || value === '' || !/^felix_./i.test(variable)) continue;
    parameters.set(variable.slice('FELIX_'.length).toLowerCase(), value);
  }
  return parameters;
}

function readSetting(
  setting: SettingKey,
  environment: Environment,
  felix: ReadonlyMap<string, string>,
): RawSetting | null {
  const calico = setting.schema.calicoVariables ?? [];
  const variables = [setting.variable, ...calico.flatMap((name) => [`CALICO_${name}`, name])];
  for (const variable of variables) {
    const text = environment[variable];
    if (text !== undefined && text !== '') {
      return { text, origin: `environment variable ${variable}` };
    }
  }
  return readFelix(setting, felix);
}

// `none` is Felix's word for the zero value, which means "not given" for all of these.
function readFelix(setting: SettingKey, felix: ReadonlyMap<string, string>): RawSetting | null {
  const parameter = setting.schema.felixParameter;
  const text = parameter === undefined ? undefined : felix.get(parameter.toLowerCase());
  if (parameter !== undefined && text !== undefined && text.toLowerCase() !== 'none') {
    return { text, origin: `environment variable FELIX_${parameter.toUpperCase()}` };
  }
  return setting.key === 'etcd.endpoints' ? readFelixAddress(felix) : null;
}

// Felix's older way to name one endpoint: host:port, and the scheme in a parameter of its own.
function readFelixAddress(felix: ReadonlyMap<string, string>): RawSetting | null {
  const address = felix.get('etcdaddr');
  if (address === undefined || address.toLowerCase() === 'none') return null;
  const text = `${felix.get('etcdscheme') ?? 'http'}://${address}`;
  return { text, origin: 'environment variable FELIX_ETCDADDR' };
}

function findUnknown(environment: Environment): readonly Problem[] {
  const known = new Set(SETTING_KEYS.map((setting) => setting.variable));
  return Object.keys(environment)
    .filter((variable) => variable.startsWith('RAMPART_') && !known.has(variable))
    .sort()
    .map((variable) => {
      const nearest = nearestName(variable, known);
      const hint = nearest === null ? 'unset it.' : `did you mean ${nearest}?`;
      const where = { origin: `environment variable ${variable}`, key: '' };
      return configProblem('config-unknown-variable', where, `No setting is called so; ${hint}`);
    });
}
