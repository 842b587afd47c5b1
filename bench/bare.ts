import { spawnSync } from 'node:child_process';
import type { Etcd3 } from 'etcd3';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';

/** What changes cost without a program that decides about them. */
export interface BareTransactions {
  /** One rule of a chain written anew. */
  readonly rule: Figures;
  /** One address more in a set of 10,000. */
  readonly member: Figures;
}

/** Measures bare transactions, in a process and network namespace of their own. */
export function measureBareTransactions(count: number): BareTransactions {
  const program = [process.execPath, 'bench/bare-transaction.mjs', String(count)];
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', ...program], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bare transactions: ${stderr}`);
  const { rules, members } = JSON.parse(stdout) as Record<'rules' | 'members', number[]>;
  return { rule: figuresOf(rules), member: figuresOf(members) };
}

const PROBE = '/bench/probe';

/** A bare watch on one key: how long from sending a put of a value to hearing of it. */
export interface BareWatch {
  once(value: Buffer): Promise<number>;
  close(): Promise<void>;
}

/** Opens one through the same client that the measured puts go through. */
export async function openBareWatch(client: Etcd3): Promise<BareWatch> {
  const watcher = await client.watch().key(PROBE).create();
  return {
    once: async (value) => {
      const heard = new Promise<number>((resolve) => {
        watcher.once('put', () => {
          resolve(performance.now());
        });
      });
      const sentAt = performance.now();
      await client.put(PROBE).value(value);
      return (await heard) - sentAt;
    },
    close: () => watcher.cancel(),
  };
}
