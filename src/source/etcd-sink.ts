import type { Etcd3 } from 'etcd3';
import type { Clock } from '../base/clock.ts';
import { SourceError, toError } from '../base/errors.ts';
import { untilAborted } from './abortable.ts';
import { openEtcdConnection } from './etcd-client.ts';
import type { EtcdConnection } from './etcd-client.ts';
import type { EtcdSourceOptions } from './etcd-options.ts';
import type { CallOptions } from './direct-etcd.ts';

/**
 * Writes single keys to etcd over a connection of its own, which is opened when it is needed and given up when
 * a call fails. Nothing is tried again here. Rejections are SourceErrors: `etcd-refused` when this user may
 * not do it, anything else is worth another try.
 */
export interface EtcdSink {
  list(prefix: string): Promise<ReadonlyMap<string, string>>;
  put(key: string, value: string): Promise<void>;
  /** Bound to a lease of `ttlMs`, rounded up to seconds. */
  putWithTtl(key: string, value: string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Ends the connection; calls under way reject. */
  close(): Promise<void>;
}

/** A sink for the same etcd, and as the same user, as the source. */
export function createEtcdSink(
  options: EtcdSourceOptions,
  { clock }: { readonly clock: Clock },
): EtcdSink {
  const connections = new Connections(options, clock);
  return {
    list: (prefix) =>
      connections.call(async (etcd, call) => {
        const range_end = endOf(prefix);
        const { kvs } = await etcd.kv.range({ key: Buffer.from(prefix), range_end }, call);
        return new Map(kvs.map(({ key, value }) => [key.toString(), value.toString()]));
      }),
    put: (key, value) =>
      connections.call(async (etcd, call) => {
        await etcd.kv.put(pair(key, value), call);
      }),
    putWithTtl: (key, value, ttlMs) =>
      connections.call(async (etcd, call) => {
        const { ID: lease } = await etcd.leaseClient.leaseGrant(
          { TTL: Math.max(1, Math.ceil(ttlMs / 1000)) },
          call,
        );
        await etcd.kv.put({ ...pair(key, value), lease }, call);
      }),
    delete: (key) =>
      connections.call(async (etcd, call) => {
        await etcd.kv.deleteRange({ key: Buffer.from(key) }, call);
      }),
    close: () => connections.close(),
  };
}

class Connections {
  readonly #options: EtcdSourceOptions;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #open: Promise<EtcdConnection> | null = null;
  #endpoint: number;

  constructor(options: EtcdSourceOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#endpoint = Math.floor(Math.random() * options.endpoints.length);
  }

  async call<T>(task: (etcd: Etcd3, call: CallOptions) => Promise<T>): Promise<T> {
    const { endpoints } = this.#options;
    const endpoint = endpoints[this.#endpoint % endpoints.length] ?? '';
    const { signal } = this.#closing;
    const opening = (this.#open ??= openEtcdConnection(endpoint, this.#options, {
      clock: this.#clock,
      signal,
    }));
    try {
      const connection = await opening;
      return await untilAborted(signal, connection.call(task));
    } catch (thrown) {
      const error = toError(thrown);
      const isRefused = /permission denied/i.test(error.message);
      if (!isRefused && this.#open === opening) await this.#giveUp();
      const code = isRefused ? 'etcd-refused' : 'etcd-unavailable';
      throw new SourceError(code, `etcd at ${endpoint}: ${error.message}`, error);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#giveUp();
  }

  // The next call goes to the next member.
  async #giveUp(): Promise<void> {
    const opening = this.#open;
    this.#open = null;
    this.#endpoint += 1;
    const connection = await opening?.catch(() => null);
    connection?.close();
  }
}

function pair(key: string, value: string): { readonly key: Buffer; readonly value: Buffer } {
  return { key: Buffer.from(key), value: Buffer.from(value) };
}

// All keys that begin with the prefix come before it with its last byte raised by one.
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}
