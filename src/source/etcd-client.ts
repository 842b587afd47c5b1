import type { Etcd3 } from 'etcd3';
import type { IOptions } from 'etcd3';
import type { Clock } from '../base/clock.ts';
import { SourceError, toError } from '../base/errors.ts';
import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import { untilAborted } from './abortable.ts';
import { DirectEtcd } from './direct-etcd.ts';
import type { CallOptions, WatchStream } from './direct-etcd.ts';
import { readLogin, readTlsMaterial } from './etcd-credentials.ts';
import type { Login } from './etcd-credentials.ts';
import { etcdTiming } from './etcd-options.ts';
import type { EtcdSourceOptions } from './etcd-options.ts';
import { OwnedSockets } from './owned-sockets.ts';
import type { RangeAnswer } from './range-message.ts';

/** One connection to one etcd member, good for one list and one watch. */
export interface EtcdClient {
  readonly endpoint: string;
  /** Linearizable read of at most `limit` keys from `from` on; `revision` 0 means the present one. */
  page(from: Buffer, limit: number, revision: number): Promise<RangeAnswer>;
  /** Opens the stream; etcd ends it when its member has no leader. */
  watch(): Promise<WatchStream>;
  /** Ends everything at once; calls under way fail or are forgotten. */
  close(): void;
}

/** First byte string after all keys of the prefix: its last byte plus one. */
export const RESOURCE_RANGE_END = Buffer.from(RESOURCE_PREFIX.slice(0, -1) + '0');

type Interceptor = NonNullable<CallOptions['interceptors']>[number];
type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

/** What opening a connection depends on besides the options. */
export interface ConnectContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

// One page of a list and a half.
const WINDOW_BYTES = 8 * 1024 * 1024;

let connections = 0;

/** An open connection to one member, logged in where etcd asks for that. */
export interface EtcdConnection {
  /** Makes one call, which has its deadline and token in the options it is given. */
  call<T>(call: (etcd: DirectEtcd, options: CallOptions) => Promise<T>): Promise<T>;
  /** Opens the stream of a watch, which has no deadline. */
  watch(): Promise<WatchStream>;
  /** Ends everything at once; calls under way fail or are forgotten. */
  close(): void;
}

/** Opens a connection for one list and one watch; otherwise like `openEtcdConnection`. */
export async function openEtcdClient(
  endpoint: string,
  options: EtcdSourceOptions,
  context: ConnectContext,
): Promise<EtcdClient> {
  const connection = await openEtcdConnection(endpoint, options, context);
  return {
    endpoint,
    page: (from, limit, revision) =>
      connection.call((etcd, call) =>
        etcd.readRange({ from, end: RESOURCE_RANGE_END, limit, revision }, call),
      ),
    watch: () => connection.watch(),
    close: () => {
      connection.close();
    },
  };
}

/**
 * Reads the credentials, opens a connection to one member and logs in; rejects when the signal is
 * aborted meanwhile. etcd3 is used for its typed KV, Lease, Watch and Auth calls only: its watch manager, its
 * authenticator and its circuit breaker each have a failure from which they do not come back, so
 * retrying and token keeping happen here.
 */
export async function openEtcdConnection(
  endpoint: string,
  options: EtcdSourceOptions,
  { clock, signal }: ConnectContext,
): Promise<EtcdConnection> {
  const { requestTimeoutMs } = etcdTiming(options);
  const deadline = (): CallOptions => ({ deadline: clock.now() + requestTimeoutMs });
  const etcd = await connect(endpoint, options);
  const sockets = new OwnedSockets();
  const close = (): void => {
    etcd.close();
    sockets.close();
  };
  let authenticated: Interceptor[] = [];
  try {
    const login = await readLogin(options);
    if (login !== undefined) {
      const attempt = sockets.run(() => logIn(etcd, login, deadline()));
      const token = await untilAborted(signal, attempt);
      authenticated = [withMetadata('token', token)];
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    call: (call) => sockets.run(() => call(etcd, { ...deadline(), interceptors: authenticated })),
    watch: () => {
      const interceptors = [...authenticated, withMetadata('hasleader', 'true')];
      return sockets.run(() => etcd.openWatch({ interceptors }), isAnswered);
    },
    close,
  };
}

// Also when there will be no answer.
function isAnswered(stream: WatchStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on('metadata', resolve);
    stream.on('error', () => {
      resolve();
    });
    stream.on('end', resolve);
  });
}

async function connect(endpoint: string, options: EtcdSourceOptions): Promise<DirectEtcd> {
  const url = new URL(endpoint);
  // Not url.port: that drops 443 and 80, which are not the port etcd has by default.
  const port = /:(\d+)\/*$/.exec(endpoint)?.[1] ?? '2379';
  const credentials = url.protocol === 'https:' ? await readTlsMaterial(options) : undefined;
  const timing = etcdTiming(options);
  connections += 1;
  return new DirectEtcd({
    hosts: `${url.protocol}//${url.hostname}:${port}`,
    ...(credentials === undefined ? {} : { credentials }),
    faultHandling: { host: () => ONCE, global: ONCE },
    grpcOptions: {
      'grpc.max_receive_message_length': -1,
      // The next page arrives while one is worked on, which takes longer than the default of 64 KiB lasts.
      'grpc-node.flow_control_window': WINDOW_BYTES,
      'grpc.keepalive_time_ms': timing.keepaliveTimeMs,
      'grpc.keepalive_timeout_ms': timing.keepaliveTimeoutMs,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
      // gRPC shares transports between channels whose options are equal. The calls of one connection
      // shall share one, but a new connection must never inherit a dead one.
      'rampart.connection': connections,
    },
  });
}

async function logIn(etcd: Etcd3, login: Login, options: CallOptions): Promise<string> {
  try {
    return (await etcd.auth.authenticate(login, options)).token;
  } catch (error) {
    const reason = toError(error).message;
    throw new SourceError('etcd-login', `cannot log in as ${login.name}: ${reason}`, error);
  }
}

/** One attempt, no circuit breaker. etcd3 relies on a rejected promise, never a synchronous throw. */
const ONCE = {
  execute: (attempt: (context: object) => unknown) =>
    new Promise((resolve) => {
      resolve(attempt({}));
    }),
} as unknown as Policy;

/** The part of a gRPC call that a header passes through. */
interface StartableCall {
  start(metadata: { set(name: string, value: string): void }, listener: unknown): void;
}

/** Adds one header to every call, at the only place where etcd3 lets its caller do so. */
function withMetadata(name: string, value: string): Interceptor {
  const intercept = (
    options: unknown,
    nextCall: (options: unknown) => StartableCall,
  ): StartableCall => {
    const call = nextCall(options);
    const start = call.start.bind(call);
    call.start = (metadata, listener) => {
      metadata.set(name, value);
      start(metadata, listener);
    };
    return call;
  };
  return intercept as unknown as Interceptor;
}
