import type { Problem } from '../base/problem.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { DatastoreSettings } from './local-config.ts';
import { configProblem } from './raw-setting.ts';
import type { RawSetting } from './raw-setting.ts';
import type { Settings } from './schema.ts';

type Origins = ReadonlyMap<string, RawSetting>;

/**
 * The datastore that the settings mean: etcd where its endpoints are given, else the directory. Whatever
 * leaves a doubt is refused, since the wrong datastore would open or close a host.
 */
export function chooseDatastore(
  settings: Settings,
  origins: Origins,
): Result<DatastoreSettings, readonly Problem[]> {
  const { type, directory } = settings.datastore;
  const { endpoints } = settings.etcd;
  if (endpoints !== null) {
    const problem = findContradiction(type, origins);
    return problem === null ? etcd({ ...settings.etcd, endpoints }, origins) : err([problem]);
  }
  const reason = needsEtcd(type, origins);
  if (reason === null) return ok({ kind: 'file', directory });
  return err([
    configProblem(
      'config-incomplete',
      reason,
      'This needs etcd, but no endpoints are given; set etcd.endpoints (RAMPART_ETCD_ENDPOINTS or ETCD_ENDPOINTS), or datastore.type: file and nothing of etcd.',
    ),
  ]);
}

type Where = Readonly<Record<'origin' | 'key', string>>;

function findContradiction(type: Settings['datastore']['type'], origins: Origins): Problem | null {
  const etcdOrigin = originOf(origins, 'etcd.endpoints');
  if (type === 'file') {
    return configProblem(
      'config-contradiction',
      { origin: originOf(origins, 'datastore.type'), key: 'datastore.type' },
      `Found "file", but ${etcdOrigin} gives endpoints of etcd; remove one of the two.`,
    );
  }
  if (type === null && origins.has('datastore.directory')) {
    return configProblem(
      'config-contradiction',
      { origin: originOf(origins, 'datastore.directory'), key: 'datastore.directory' },
      `A directory of manifests is given here, and endpoints of etcd by ${etcdOrigin}; remove one of the two, or set datastore.type: etcdv3.`,
    );
  }
  return null;
}

/** What asks for etcd although no endpoints are given. */
function needsEtcd(type: Settings['datastore']['type'], origins: Origins): Where | null {
  const keys = [...origins.keys()].filter((key) => key.startsWith('etcd.'));
  const key = type === 'etcdv3' ? 'datastore.type' : keys[0];
  return key === undefined ? null : { origin: originOf(origins, key), key };
}

function etcd(
  settings: Settings['etcd'] & { endpoints: readonly string[] },
  origins: Origins,
): Result<DatastoreSettings, readonly Problem[]> {
  const { certFile, keyFile, username, password, passwordFile } = settings;
  const hasPassword = password !== null || passwordFile !== null;
  const passwordKey = password === null ? 'etcd.passwordFile' : 'etcd.password';
  const problems = [
    ...pair([certFile !== null, 'etcd.certFile'], [keyFile !== null, 'etcd.keyFile'], origins),
    ...pair([username !== null, 'etcd.username'], [hasPassword, passwordKey], origins),
  ];
  return problems.length > 0 ? err(problems) : ok({ kind: 'etcdv3', ...settings });
}

type Given = readonly [isGiven: boolean, key: string];

/** Settings that mean nothing without each other. */
function pair(a: Given, b: Given, origins: Origins): readonly Problem[] {
  if (a[0] === b[0]) return [];
  const [present, absent] = a[0] ? [a[1], b[1]] : [b[1], a[1]];
  const where = { origin: originOf(origins, present), key: present };
  return [
    configProblem('config-incomplete', where, `This needs ${absent} beside it; set both or none.`),
  ];
}

function originOf(origins: Origins, key: string): string {
  return origins.get(key)?.origin ?? 'built-in default';
}
