import type { Problem } from '../base/problem.ts';
import type { ListenSettings, Settings } from './schema.ts';

/** How to reach etcd. Files are paths; the reader of the configuration has not opened them. */
export interface EtcdSettings {
  /** `scheme://host:port`, one scheme for all. */
  readonly endpoints: readonly string[];
  readonly caCertFile: string | null;
  /** Given together with `keyFile`, or not at all. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Given together with one of `password` and `passwordFile`, or not at all. */
  readonly username: string | null;
  readonly password: string | null;
  readonly passwordFile: string | null;
}

/** Where Calico's resources come from. */
export type DatastoreSettings =
  | ({ readonly kind: 'etcdv3' } & EtcdSettings)
  | { readonly kind: 'file'; readonly directory: string };

/** What this host's own file and environment say, complete and valid. */
export interface LocalConfig {
  /** What `spec.node` of this host's HostEndpoints must say. */
  readonly nodeName: string;
  readonly datastore: DatastoreSettings;
  /** `observe`: what policy denies is counted and passes. */
  readonly enforcement: Settings['enforcement'];
  readonly neighbourDiscovery: Readonly<Settings['neighbourDiscovery']>;
  readonly connections: Readonly<Settings['connections']>;
  readonly flows: Readonly<Settings['flows']>;
  readonly nftables: Readonly<Settings['nftables']>;
  readonly rollback: Readonly<Settings['rollback']>;
  readonly health: ListenSettings;
  readonly metrics: ListenSettings;
  readonly log: Readonly<Settings['log']>;
  readonly control: Readonly<Settings['control']>;
  readonly stateDir: string;
  readonly runDir: string;
  /** Keys that somebody set, and where: `health.port` → `environment variable RAMPART_HEALTH_PORT`. */
  readonly originByKey: ReadonlyMap<string, string>;
  /** Felix parameters of the environment by lower-case name, for `resolveSettings`. */
  readonly felixParameters: ReadonlyMap<string, string>;
  /** What is honoured but deserves a second look. */
  readonly warnings: readonly Problem[];
}
