import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from '../source/certificates.ts';
import {
  type CalicoObject,
  globalNetworkPolicy,
  hostEndpoint,
  initialObjects,
  stored,
} from '../support/calico.ts';
import type { TlsFiles } from '../support/etcd.ts';
import type { Box } from './box.ts';

// Addresses, no names: nothing resolves "localhost" in there.
const SERVICE = `[Service]
Type=notify
ExecStart=/usr/local/bin/etcd --data-dir=/var/lib/etcd-box --client-cert-auth --trusted-ca-file=/etc/etcd/trust.pem \\
  --cert-file=/etc/etcd/server.pem --key-file=/etc/etcd/server.key \\
  --listen-client-urls=https://127.0.0.1:2379 --advertise-client-urls=https://127.0.0.1:2379 \\
  --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \\
  --initial-cluster=default=http://127.0.0.1:2380
`;
const CONFIGURATION = `etcd:
  endpoints: https://127.0.0.1:2379
  caCertFile: /etc/rampart/etcd-ca.pem
  certFile: /etc/rampart/etcd-client.pem
  keyFile: /etc/rampart/keys/etcd-client.key
`;
const CLIENT =
  'ETCDCTL_API=3 /usr/local/bin/etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/etcd/ca.pem';

/** An etcd in a container that asks for client certificates, of the authority `old` or the authority `new`. */
export class EtcdBox {
  readonly #box: Box;
  readonly #directory = mkdtempSync(join(tmpdir(), 'rampart-keys-'));

  constructor(box: Box) {
    this.#box = box;
  }

  /** Starts it; client pairs lie in /root as `old-1`, `new-1` and `new-2`, `.pem` and `.key`. */
  async up(): Promise<void> {
    const servers = await makeAuthority(this.#directory, 'servers');
    const server = await servers.issue('etcd', 'IP:127.0.0.1');
    await this.#box.run('mkdir -p /etc/etcd');
    this.#pair(server, '/etc/etcd/server');
    this.#box.copy(servers.caCertFile, '/etc/etcd/ca.pem');
    const pairs = { old: ['old-1'], new: ['new-1', 'new-2'] };
    for (const [name, clients] of Object.entries(pairs)) {
      const authority = await makeAuthority(this.#directory, name);
      this.#box.copy(authority.caCertFile, `/etc/etcd/${name}.pem`);
      for (const client of clients) this.#pair(await authority.issue(client), `/root/${client}`);
    }
    for (const name of ['etcd', 'etcdctl'])
      this.#box.copy(`/usr/bin/${name}`, `/usr/local/bin/${name}`);
    this.#box.write('/etc/systemd/system/etcd.service', SERVICE);
    await this.#box.run('chmod 755 /usr/local/bin/etcd* && systemctl daemon-reload');
    await this.trust('old', 'new');
  }

  /** Restarts it, to trust clients of these authorities only. */
  async trust(...names: readonly string[]): Promise<void> {
    const files = names.map((name) => `/etc/etcd/${name}.pem`).join(' ');
    await this.#box.run(`cat ${files} >/etc/etcd/trust.pem && systemctl restart etcd`);
  }

  /** Writes objects as calicoctl does. */
  async put(...objects: readonly CalicoObject[]): Promise<void> {
    for (const [key, value] of objects.map(stored)) {
      this.#box.write('/root/value', value);
      await this.#box.run(`${this.#as('new-2')} put ${key} </root/value`);
    }
  }

  /** Asks it with a client pair; rejects when it refuses the pair. */
  ask(pair: string): Promise<string> {
    return this.#box.run(`${this.#as(pair)} --command-timeout=3s get /`);
  }

  /** Configures the daemon for it, and writes the first objects: one endpoint, one port let in. */
  async serve(port: number): Promise<void> {
    await this.#box.run('cp /etc/etcd/ca.pem /etc/rampart/etcd-ca.pem');
    this.#box.write('/etc/rampart/rampart.yaml', CONFIGURATION);
    await this.put(
      ...initialObjects('keys'),
      hostEndpoint('gw1-host0', { node: 'gw1', interfaceName: 'host0' }),
      letIn('gateway', port),
    );
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #as(pair: string): string {
    return `${CLIENT} --cert=/root/${pair}.pem --key=/root/${pair}.key`;
  }

  #pair(files: TlsFiles, path: string): void {
    this.#box.copy(files.certFile, `${path}.pem`);
    this.#box.copy(files.keyFile, `${path}.key`);
  }
}

/** A policy that lets TCP in on `port`. */
export function letIn(name: string, port: number): CalicoObject {
  const rule = { action: 'Allow', protocol: 'TCP', destination: { ports: [port] } };
  return globalNetworkPolicy(name, { ingress: [rule] });
}
