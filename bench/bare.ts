import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Etcd3 } from 'etcd3';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';

/** What one change of the kernel costs without a program that decides about it. */
export interface BareTransaction {
  /** One after the other: the processor has everything at hand. */
  readonly inLoop: Figures;
  /** With rests between them, as the measured changes have: what a change that comes by itself costs. */
  readonly atPace: Figures;
}

/**
 * Measures bare transactions, in a process and network namespace of their own: one rule of a chain written anew, or one address
 * more in a set of 10,000.
 */
export function measureBareTransactions(
  what: 'rule' | 'member',
  { count, restMs }: { readonly count: number; readonly restMs: number },
): BareTransaction {
  const program = [process.execPath, 'bench/bare-transaction.mjs', String(count), String(restMs)];
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', ...program], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bare transactions: ${stderr}`);
  const measured = JSON.parse(stdout) as Record<'inLoop' | 'atPace', Record<typeof what, number[]>>;
  return {
    inLoop: figuresOf(measured.inLoop[what]),
    atPace: figuresOf(measured.atPace[what]),
  };
}

/** Bare transactions among the rules that a daemon has put in force, in a process and network namespace of their own. */
export interface BareAmongRules {
  /** Makes one change; resolves with how long the kernel took, milliseconds. */
  once(what: 'rule' | 'member'): Promise<number>;
  close(): Promise<void>;
}

/** Copies the rules in force in the network namespace of this process. */
export function openBareAmongRules(): BareAmongRules {
  const home = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  const file = join(home, 'rules.nft');
  writeFileSync(file, execFileSync('nft', ['list', 'table', 'inet', 'rampart'], BIG_OUTPUT));
  const program = [process.execPath, '--import=tsx', 'bench/bare-among-rules.ts', file];
  const child = spawn('unshare', ['--net', ...program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  return {
    once: async (what) => {
      const answer = once(lines, 'line') as Promise<[string]>;
      child.stdin.write(`${what}\n`);
      const failed = ended.then(() => {
        throw new Error('bare transactions among rules: the process ended');
      });
      const [line] = await Promise.race([answer, failed]);
      return Number(line);
    },
    close: async () => {
      child.stdin.end();
      await ended;
      rmSync(home, { recursive: true });
    },
  };
}

const BIG_OUTPUT = { maxBuffer: 256 * 1024 * 1024 };
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
