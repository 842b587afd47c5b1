/** How long the etcd source waits for things; every field is in milliseconds. */
export interface EtcdTiming {
  /** One request (a page, an authentication) or the opening of a watch may take this long. */
  readonly requestTimeoutMs: number;
  /** HTTP/2 ping after this much silence; etcd cuts clients that ping more often than every 5 s. */
  readonly keepaliveTimeMs: number;
  /** A ping that is not answered within this time ends the connection. */
  readonly keepaliveTimeoutMs: number;
  /** How often the watch stream itself is asked for a sign of life (etcd 3.4 and later answer). */
  readonly progressIntervalMs: number;
  /** A watch stream that once answered and then says nothing for this long is given up. */
  readonly silenceMs: number;
  /** An outage shorter than this is not reported as `lost`. */
  readonly graceMs: number;
  /** First and longest wait between attempts; in between it doubles, with jitter. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** How often certificates, keys and the password file are looked at for changes. */
  readonly credentialPollMs: number;
}

/** Where etcd is and who we are to it. Credentials are paths: they are read again for every connection. */
export interface EtcdSourceOptions {
  /** `http://host:port` or `https://host:port`, one per member; port 2379 when not given. */
  readonly endpoints: readonly string[];
  readonly username?: string | undefined;
  /** Either the password or, preferably, a file that holds it (a final newline is not part of it). */
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** PEM files. Without `caCertFile` the certificate authorities that Node ships are trusted. */
  readonly caCertFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Most keys to ask for in one page; pages of large values are made smaller than this by themselves. */
  readonly pageSize?: number | undefined;
  readonly timing?: Partial<EtcdTiming> | undefined;
}

const DEFAULT_TIMING: EtcdTiming = {
  requestTimeoutMs: 10_000,
  keepaliveTimeMs: 10_000,
  keepaliveTimeoutMs: 5_000,
  progressIntervalMs: 5_000,
  silenceMs: 20_000,
  graceMs: 1_000,
  backoffMinMs: 200,
  backoffMaxMs: 5_000,
  credentialPollMs: 5_000,
};

const SHORTEST_KEEPALIVE_MS = 10_000;

/** The timing to use: defaults filled in, keepalive never below the 10 s that etcd tolerates for sure. */
export function etcdTiming(options: EtcdSourceOptions): EtcdTiming {
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  return { ...timing, keepaliveTimeMs: Math.max(timing.keepaliveTimeMs, SHORTEST_KEEPALIVE_MS) };
}
