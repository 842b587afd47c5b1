import type { Settings } from './schema.ts';

/** Where administrators put what only root may read. */
const KEYS_DIRECTORY = '/etc/rampart/keys/';
/** What rampart.service loads from there (`LoadCredential=`). */
const CREDENTIALS: ReadonlySet<string> = new Set(['etcd-client.key', 'etcd-password']);

/** The settings with the copies that systemd made for us, in `directory`, instead of files that only root may read. */
export function useCredentials(settings: Settings, directory: string | undefined): Settings {
  const place = (path: string | null): string | null => {
    const name = path?.startsWith(KEYS_DIRECTORY) === true ? path.slice(KEYS_DIRECTORY.length) : '';
    return directory !== undefined && CREDENTIALS.has(name) ? `${directory}/${name}` : path;
  };
  const { etcd } = settings;
  const moved = { keyFile: place(etcd.keyFile), passwordFile: place(etcd.passwordFile) };
  return { ...settings, etcd: { ...etcd, ...moved } };
}
