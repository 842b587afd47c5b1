import { schema } from './schema.ts';
import type { SettingSchema } from './schema.ts';

/** One setting with its names: `etcd.caCertFile`, `RAMPART_ETCD_CA_CERT_FILE`. */
export interface SettingKey {
  readonly key: string;
  readonly variable: string;
  readonly schema: SettingSchema;
}

/** Every setting, in the order of the schema. */
export const SETTING_KEYS: readonly SettingKey[] = collect(schema, []);

/** The setting called `key`, such as `health.port`; undefined when there is none. */
export function findSetting(key: string): SettingKey | undefined {
  return BY_KEY.get(key);
}

const BY_KEY: ReadonlyMap<string, SettingKey> = new Map(
  SETTING_KEYS.map((setting) => [setting.key, setting]),
);

/** The names that group others in the file: `etcd`, `health` … */
export const SECTIONS: ReadonlySet<string> = new Set(
  SETTING_KEYS.filter(({ key }) => key.includes('.')).map(({ key }) => key.split('.')[0] ?? ''),
);

/** `neighbourDiscovery.keepAlive` → `RAMPART_NEIGHBOUR_DISCOVERY_KEEP_ALIVE`. */
export function variableOf(key: string): string {
  const words = key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_');
  return `RAMPART_${words.toUpperCase()}`;
}

function collect(node: object, path: readonly string[]): readonly SettingKey[] {
  return Object.entries(node).flatMap(([name, child]: [string, object]) => {
    const inner = [...path, name];
    if (!isSetting(child)) return collect(child, inner);
    const key = inner.join('.');
    return [{ key, variable: variableOf(key), schema: child }];
  });
}

function isSetting(node: object): node is SettingSchema {
  return 'valueFormat' in node;
}
