import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { callGateway } from './etcd-gateway.ts';
import type { Gateway, TlsFiles } from './etcd-gateway.ts';

export type { TlsFiles } from './etcd-gateway.ts';

/** One operation of a transaction; `value` null deletes. */
export interface EtcdOperation {
  readonly key: string;
  readonly value: string | Uint8Array | null;
}

/** What a started etcd is like. */
export interface EtcdOptions {
  /** Kept after `stop`; without it a temporary one is made and removed. */
  readonly dataDir?: string;
  /** Serve TLS and demand client certificates; the `client` files are the test's own identity. */
  readonly tls?: { readonly server: TlsFiles; readonly client: TlsFiles };
  /** Switch authentication on, with this password for root. */
  readonly auth?: { readonly rootPassword: string };
  /** Network namespace to run in, and the address to listen on there (default 127.0.0.1). */
  readonly netns?: string;
  readonly listen?: string;
  /** Client port; default: any free one (2379 in a network namespace). */
  readonly port?: number;
  /** More flags, such as `--auth-token-ttl=2`. */
  readonly flags?: readonly string[];
}

/** A real etcd, owned by the test: every method talks to the server, `stop` leaves nothing behind. */
export interface Etcd {
  readonly endpoint: string;
  put(key: string, value: string | Uint8Array): Promise<number>;
  del(key: string): Promise<number>;
  /** All operations in one transaction, that is one revision. Resolves with that revision. */
  txn(operations: readonly EtcdOperation[]): Promise<number>;
  /** Forgets the history up to `revision`; default: up to the present one. */
  compact(revision?: number): Promise<void>;
  revision(): Promise<number>;
  /** Any other call of etcd's JSON gateway, such as `auth/user/add`; as root where that matters. */
  call(path: string, body: object): Promise<Record<string, unknown>>;
  /** SIGTERM, wait, and remove the data; for good. */
  stop(): Promise<void>;
  /** SIGKILL and wait. */
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Kill if running, start again on the same data and port, wait until healthy. */
  restart(): Promise<void>;
  /** Kill and remove the data; `restart` then starts an empty cluster with low revisions. */
  wipe(): Promise<void>;
}

/** Starts one etcd and waits until it answers. */
export async function startEtcd(options: EtcdOptions = {}): Promise<Etcd> {
  const server = await EtcdServer.create(options, 'solo');
  try {
    await server.launch();
    await server.healthy();
    if (options.auth !== undefined) await server.enableAuth(options.auth.rootPassword);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Starts a cluster with these members (in a network namespace each listens on an address of its own) and a leader. */
export async function startEtcdCluster(members: readonly EtcdOptions[]): Promise<readonly Etcd[]> {
  const servers = await Promise.all(
    members.map((options, index) => EtcdServer.create(options, `member${index}`)),
  );
  const cluster = servers.map((server) => server.peer).join(',');
  try {
    await Promise.all(servers.map((server) => server.launch(cluster)));
    await Promise.all(servers.map((server) => server.healthy()));
    return servers;
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

/** Any TCP port that is free on loopback now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

class EtcdServer implements Etcd {
  readonly endpoint: string;
  readonly #name: string;
  readonly #options: EtcdOptions;
  readonly #directory: string;
  readonly #peerUrl: string;
  readonly #gateway: Gateway;
  #cluster = '';
  #child: ChildProcess | undefined;
  #log = '';
  #rootPassword: string | undefined;

  private constructor(
    name: string,
    options: EtcdOptions,
    place: { directory: string; ports: [number, number] },
  ) {
    const host = options.listen ?? '127.0.0.1';
    this.#name = name;
    this.#options = options;
    this.#directory = place.directory;
    this.endpoint = `${options.tls === undefined ? 'http' : 'https'}://${host}:${place.ports[0]}`;
    this.#peerUrl = `http://${host}:${place.ports[1]}`;
    this.#gateway = { endpoint: this.endpoint, tls: options.tls?.client, netns: options.netns };
  }

  static async create(options: EtcdOptions, name: string): Promise<EtcdServer> {
    const directory = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'rampart-etcd-')));
    const isolated = options.netns !== undefined;
    const client = options.port ?? (isolated ? 2379 : await freePort());
    return new EtcdServer(name, options, {
      directory,
      ports: [client, isolated ? 2380 : await freePort()],
    });
  }

  get peer(): string {
    return `${this.#name}=${this.#peerUrl}`;
  }

  async launch(cluster = this.peer): Promise<void> {
    this.#cluster = cluster;
    const { netns } = this.#options;
    const command = [...(netns === undefined ? [] : ['ip', 'netns', 'exec', netns]), 'etcd'];
    const [program = 'etcd', ...args] = [...command, ...this.#flags()];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString('utf8')).slice(-2_000);
    });
    this.#child = child;
    await once(child, 'spawn');
  }

  #flags(): readonly string[] {
    const { tls, flags } = this.#options;
    const secure =
      tls === undefined
        ? []
        : [
            `--cert-file=${tls.server.certFile}`,
            `--key-file=${tls.server.keyFile}`,
            `--trusted-ca-file=${tls.server.caCertFile}`,
            '--client-cert-auth',
          ];
    return [
      `--name=${this.#name}`,
      `--data-dir=${join(this.#directory, 'data')}`,
      `--listen-client-urls=${this.endpoint}`,
      `--advertise-client-urls=${this.endpoint}`,
      `--listen-peer-urls=${this.#peerUrl}`,
      `--initial-advertise-peer-urls=${this.#peerUrl}`,
      `--initial-cluster=${this.#cluster}`,
      '--initial-cluster-state=new',
      '--max-txn-ops=100000',
      '--max-request-bytes=33554432',
      '--unsafe-no-fsync',
      '--heartbeat-interval=50',
      '--election-timeout=500',
      '--log-level=warn',
      ...secure,
      ...(flags ?? []),
    ];
  }

  /** Waits until a linearizable read succeeds, which needs a leader. */
  async healthy(): Promise<void> {
    const until = Date.now() + 15_000;
    for (;;) {
      try {
        await this.revision();
        return;
      } catch (error) {
        if (String(error).includes('user name is empty')) return;
        const dead = this.#child?.exitCode !== null;
        if (dead || Date.now() > until) {
          throw new Error(`etcd did not start: ${this.#log}`, { cause: error });
        }
        await delay(20);
      }
    }
  }

  async enableAuth(rootPassword: string): Promise<void> {
    await this.call('auth/user/add', { name: 'root', password: rootPassword });
    await this.call('auth/role/add', { name: 'root' });
    await this.call('auth/user/grant', { user: 'root', role: 'root' });
    await this.call('auth/enable', {});
    this.#rootPassword = rootPassword;
  }

  async put(key: string, value: string | Uint8Array): Promise<number> {
    return revisionOf(await this.call('kv/put', { key: base64(key), value: base64(value) }));
  }

  async del(key: string): Promise<number> {
    return revisionOf(await this.call('kv/deleterange', { key: base64(key) }));
  }

  async txn(operations: readonly EtcdOperation[]): Promise<number> {
    const success = operations.map(({ key, value }) =>
      value === null
        ? { requestDeleteRange: { key: base64(key) } }
        : { requestPut: { key: base64(key), value: base64(value) } },
    );
    return revisionOf(await this.call('kv/txn', { success }));
  }

  async compact(revision?: number): Promise<void> {
    const upTo = revision ?? (await this.revision());
    await this.call('kv/compaction', { revision: upTo, physical: true });
  }

  async revision(): Promise<number> {
    return revisionOf(await this.call('kv/range', { key: base64('/'), limit: 1 }));
  }

  async call(path: string, body: object): Promise<Record<string, unknown>> {
    const token = this.#rootPassword === undefined ? '' : await this.#token(this.#rootPassword);
    return callGateway(this.#gateway, `/v3/${path}`, body, token);
  }

  async #token(password: string): Promise<string> {
    const login = { name: 'root', password };
    const answer = await callGateway(this.#gateway, '/v3/auth/authenticate', login);
    return String(answer['token']);
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.#options.dataDir === undefined) {
      await rm(this.#directory, { recursive: true, force: true });
    }
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 2_000);
    await gone;
    clearTimeout(late);
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.launch(this.#cluster);
    await this.healthy();
  }

  async wipe(): Promise<void> {
    await this.kill();
    await rm(join(this.#directory, 'data'), { recursive: true, force: true });
  }
}

function base64(value: string | Uint8Array): string {
  return Buffer.from(value).toString('base64');
}

function revisionOf(answer: Record<string, unknown>): number {
  return Number((answer['header'] as Record<string, unknown>)['revision']);
}
