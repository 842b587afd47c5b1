import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Change, KeyValueStore } from './datastore.ts';
import type { LabHost } from './lab.ts';
import { killed } from './netns.ts';

/** An etcd server on a host of the lab, written to from inside its namespace. */
export interface LabEtcd extends KeyValueStore {
  /** As ETCD_ENDPOINTS takes it, for the other hosts of the lab. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts etcd on a host of the lab, listening on `address`; resolves when it answers. */
export async function startLabEtcd(host: LabHost, address: string): Promise<LabEtcd> {
  // In memory where possible: etcd waits for the disk at every write.
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const directory = mkdtempSync(join(parent, 'rampart-etcd-'));
  const child = host.namespace.spawn(etcdArguments(directory, address), { stderr: 'pipe' });
  const remove = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', remove);
  await answering(host, child.stderr);
  const call = gateway(host);
  return {
    endpoint: `http://${address}:2379`,
    commit: async (changes) => {
      const response = await call('kv/txn', { success: changes.map(operation) });
      return Number((response as { header: { revision: string } }).header.revision);
    },
    get: async (key) => {
      const response = await call('kv/range', { key: base64(key) });
      const value = (response as { kvs?: { value: string }[] }).kvs?.[0]?.value;
      return value === undefined ? null : Buffer.from(value, 'base64').toString();
    },
    stop: async () => {
      await killed(child);
      process.off('exit', remove);
      remove();
    },
  };
}

function etcdArguments(directory: string, address: string): readonly string[] {
  const urls = `http://${address}:2379,http://127.0.0.1:2379`;
  return [
    ...['etcd', '--data-dir', directory, '--log-level', 'warn', '--logger', 'zap'],
    ...['--listen-client-urls', urls, '--advertise-client-urls', urls],
    ...['--listen-peer-urls', 'http://127.0.0.1:2380', '--initial-cluster-state', 'new'],
    ...['--initial-advertise-peer-urls', 'http://127.0.0.1:2380'],
    ...['--initial-cluster', 'default=http://127.0.0.1:2380'],
    ...['--max-txn-ops', '100000', '--max-request-bytes', '67108864'],
  ];
}

async function answering(host: LabHost, stderr: NodeJS.ReadableStream | null): Promise<void> {
  const said: string[] = [];
  if (stderr !== null) createInterface({ input: stderr }).on('line', (line) => said.push(line));
  const deadline = performance.now() + 15_000;
  while (performance.now() < deadline) {
    try {
      const { body } = await host.agent.call('http', { url: 'http://127.0.0.1:2379/health' });
      if (body.includes('true')) return;
    } catch {
      // It does not listen yet; there is no event to wait for.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`etcd did not come up: ${said.slice(-5).join('\n')}`);
}

function gateway(host: LabHost): (path: string, body: object) => Promise<unknown> {
  return async (path, body) => {
    const url = `http://127.0.0.1:2379/v3/${path}`;
    const response = await host.agent.call('http', { url, body: JSON.stringify(body) });
    if (response.status !== 200) throw new Error(`etcd ${path}: ${response.body}`);
    return JSON.parse(response.body);
  };
}

function operation([key, value]: Change): object {
  if (value === null) return { requestDeleteRange: { key: base64(key) } };
  return { requestPut: { key: base64(key), value: base64(value) } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
