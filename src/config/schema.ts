import type convict from 'convict';
import {
  ABSOLUTE_PATH,
  BOOLEAN,
  BOOT_POLICY,
  ENDPOINTS,
  GROUP,
  LINE,
  LISTEN_HOST,
  LOG_RATE,
  NFLOG_GROUP,
  NODE_NAME,
  oneOf,
  PORT,
  RUN_DIRECTORY,
  SECONDS,
} from './value-format.ts';
import type { ValueFormat } from './value-format.ts';

/** Every setting of the file and the environment, nested as in the file; null: not given, no default. */
export interface Settings {
  node: { name: string | null };
  datastore: { type: 'etcdv3' | 'file' | null; directory: string };
  etcd: {
    endpoints: readonly string[] | null;
    caCertFile: string | null;
    certFile: string | null;
    keyFile: string | null;
    username: string | null;
    password: string | null;
    passwordFile: string | null;
  };
  enforcement: 'enforce' | 'observe';
  neighbourDiscovery: { keepAlive: boolean };
  connections: { cutOnDeny: boolean };
  flows: { denied: boolean; group: number; rateLimit: number };
  nftables: { transport: 'auto' | 'library' | 'process' };
  boot: { policy: string };
  onRemove: { keepRules: boolean };
  rollback: RollbackSection;
  health: ListenSettings;
  metrics: ListenSettings;
  log: { level: LogLevel; format: 'json' | 'text' };
  control: { group: string | null };
  stateDir: string;
  runDir: string;
}

export interface ListenSettings {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
}

/** What makes the rules of before come back by themselves; `within` in seconds. */
export interface RollbackSection {
  readonly onDatastoreLoss: boolean;
  readonly onSshLoss: boolean;
  readonly sshPort: number;
  readonly within: number;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One key: its default, what it is for, how it is written, and who else names it. */
export interface SettingSchema<T = unknown> extends convict.SchemaObj<T> {
  readonly doc: string;
  readonly valueFormat: ValueFormat<T>;
  /** Calico's own environment variables, strongest first; each is also read with `CALICO_` in front. */
  readonly calicoVariables?: readonly string[];
  /** The Felix parameter of the same meaning, read from `FELIX_<NAME>` and FelixConfiguration. */
  readonly felixParameter?: string;
  /** Never printed, and refused in the file, which more people may read. */
  readonly isSecret?: boolean;
}

type Options<T> = Omit<SettingSchema<T>, 'default' | 'doc' | 'valueFormat' | 'format'>;

/** Log levels; Felix's own words for them are understood. */
export const LOG_LEVEL: ValueFormat<LogLevel> = oneOf(['debug', 'info', 'warn', 'error'], {
  trace: 'debug',
  warning: 'warn',
  fatal: 'error',
  panic: 'error',
});

/** The convict schema: every key this program knows, with its default. */
export const schema: convict.Schema<Settings> = {
  node: {
    name: optional('The name that spec.node of this host’s HostEndpoints carries.', NODE_NAME, {
      calicoVariables: ['NODENAME'],
      felixParameter: 'FelixHostname',
    }),
  },
  datastore: {
    type: optional('Where Calico’s resources are read.', oneOf(['etcdv3', 'file']), {
      calicoVariables: ['DATASTORE_TYPE'],
      felixParameter: 'DatastoreType',
    }),
    directory: setting('/etc/rampart/resources', 'The directory of manifests.', ABSOLUTE_PATH),
  },
  etcd: {
    endpoints: optional('The client URLs of etcd.', ENDPOINTS, {
      calicoVariables: ['ETCD_ENDPOINTS'],
      felixParameter: 'EtcdEndpoints',
    }),
    caCertFile: optional('CA that signed the servers’ certificates, PEM.', ABSOLUTE_PATH, {
      calicoVariables: ['ETCD_CA_CERT_FILE'],
      felixParameter: 'EtcdCaFile',
    }),
    certFile: optional('This host’s client certificate, PEM.', ABSOLUTE_PATH, {
      calicoVariables: ['ETCD_CERT_FILE'],
      felixParameter: 'EtcdCertFile',
    }),
    keyFile: optional('Private key of certFile, PEM.', ABSOLUTE_PATH, {
      calicoVariables: ['ETCD_KEY_FILE'],
      felixParameter: 'EtcdKeyFile',
    }),
    username: optional('User name, where etcd asks for one.', LINE, {
      calicoVariables: ['ETCD_USERNAME'],
    }),
    password: optional('Password of username.', LINE, {
      calicoVariables: ['ETCD_PASSWORD'],
      isSecret: true,
    }),
    passwordFile: optional('File that holds the password of username.', ABSOLUTE_PATH),
  },
  enforcement: setting(
    'enforce',
    'Deny what policy denies, or only count it.',
    oneOf(['enforce', 'observe']),
  ),
  neighbourDiscovery: {
    keepAlive: setting(true, 'Accept IPv6 neighbour discovery on protected interfaces.', BOOLEAN),
  },
  connections: {
    cutOnDeny: setting(false, 'Cut live connections that new rules refuse.', BOOLEAN),
  },
  flows: {
    denied: setting(false, 'Tell of flows that policy denies.', BOOLEAN),
    group: setting(2000, 'The NFLOG group that they come through.', NFLOG_GROUP),
    rateLimit: setting(10, 'Packets a second that each rule tells of.', LOG_RATE),
  },
  nftables: {
    transport: setting('auto', 'How nftables is spoken to.', oneOf(['auto', 'library', 'process'])),
  },
  boot: {
    policy: setting('default', 'What protects before the first sync ever.', BOOT_POLICY),
  },
  onRemove: {
    keepRules: setting(false, 'Leave the rules in force when the package is removed.', BOOLEAN),
  },
  rollback: {
    onDatastoreLoss: setting(false, 'Take rules back that cut off the datastore.', BOOLEAN),
    onSshLoss: setting(false, 'Take rules back that refuse an established SSH session.', BOOLEAN),
    sshPort: setting(22, 'The TCP port of SSH on this host.', PORT),
    within: setting(30, 'How long a change of the rules is watched.', SECONDS),
  },
  health: {
    enabled: setting(true, 'Serve /liveness and /readiness.', BOOLEAN, {
      felixParameter: 'HealthEnabled',
    }),
    host: setting('127.0.0.1', 'Where to serve them.', LISTEN_HOST, {
      felixParameter: 'HealthHost',
    }),
    port: setting(9099, 'On which TCP port.', PORT, { felixParameter: 'HealthPort' }),
  },
  metrics: {
    enabled: setting(false, 'Serve /metrics for Prometheus.', BOOLEAN, {
      felixParameter: 'PrometheusMetricsEnabled',
    }),
    host: setting('127.0.0.1', 'Where to serve it.', LISTEN_HOST, {
      felixParameter: 'PrometheusMetricsHost',
    }),
    port: setting(9091, 'On which TCP port.', PORT, { felixParameter: 'PrometheusMetricsPort' }),
  },
  log: {
    level: setting('info', 'How much to log.', LOG_LEVEL, { felixParameter: 'LogSeverityScreen' }),
    format: setting('json', 'How a log line looks.', oneOf(['json', 'text'])),
  },
  control: {
    group: optional('Who may use rampartctl beside root.', GROUP),
  },
  stateDir: setting('/var/lib/rampart', 'What must survive a reboot.', ABSOLUTE_PATH),
  runDir: setting('/run/rampart', 'Home of the control socket.', RUN_DIRECTORY),
};

function setting<T>(
  value: T,
  doc: string,
  valueFormat: ValueFormat<T>,
  options: Options<T> = {},
): SettingSchema<T> {
  return { ...options, default: value, doc, valueFormat, format: accepts(valueFormat) };
}

function optional<T>(
  doc: string,
  valueFormat: ValueFormat<T>,
  options: Options<T | null> = {},
): SettingSchema<T | null> {
  const nullable: ValueFormat<T | null> = {
    allowed: valueFormat.allowed,
    parse: (text) => valueFormat.parse(text),
    format: (value) => (value === null ? '' : valueFormat.format(value)),
  };
  const format = accepts(valueFormat);
  return { ...options, default: null, nullable: true, doc, valueFormat: nullable, format };
}

function accepts<T>(valueFormat: ValueFormat<T>): (value: T) => void {
  return (value) => {
    if (valueFormat.parse(valueFormat.format(value)) === null) {
      throw new TypeError(`write ${valueFormat.allowed}`);
    }
  };
}
