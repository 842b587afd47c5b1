import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { NftablesError, toError } from '../base/errors.ts';
import type { NftAnswer, NftRunner } from './nft-runner.ts';

/** How to run the nft program. */
export interface ProcessOptions {
  /** An existing directory that only we write to; holds one file while nft reads it. */
  readonly runDir: string;
  readonly clock: Clock;
  /** The program; `nft` by default, found in PATH. */
  readonly program?: string;
  /** After this long nft is killed; 60 s by default (nft 1.0.6 needs 15 s for 500,000 prefixes). */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const REMEMBERED_CHILDREN = 64;

/**
 * The nft program, one child per call. Input is a file, never standard input, which nft before 1.1.0 cannot
 * read from Node. Rejects with NftablesError `unknown` when nft cannot be started.
 */
export async function openProcessRunner(options: ProcessOptions): Promise<NftRunner> {
  const runner = new ProcessRunner(options);
  await runner.learnVersion();
  return runner;
}

class ProcessRunner implements NftRunner {
  readonly #options: ProcessOptions;
  readonly #children: number[] = [];
  #version = '';
  #count = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get info(): NftRunner['info'] {
    return { transport: 'process', version: this.#version };
  }

  async learnVersion(): Promise<void> {
    const { output } = await this.#run(['--version']);
    this.#version = /v(\d[\w.]*)/.exec(output)?.[1] ?? '';
  }

  async execute(document: readonly Buffer[], dryRun: boolean): Promise<NftAnswer> {
    const path = join(this.#options.runDir, `nft-${process.pid}-${this.#count++}.json`);
    try {
      await writePrivate(path, document);
      return await this.#run([...(dryRun ? ['-c'] : []), '-j', '-f', path]);
    } finally {
      await rm(path, { force: true });
    }
  }

  query(commands: string, format: 'json' | 'text'): Promise<NftAnswer> {
    return this.#run([...(format === 'json' ? ['-j', '-t'] : []), commands]);
  }

  // The kernel gives a program's first netlink socket its process id as port.
  isOwnPort(portId: number): boolean {
    return this.#children.includes(portId);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #run(args: readonly string[]): Promise<NftAnswer> {
    const program = this.#options.program ?? 'nft';
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.#remember(child);
    const timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = { passed: false };
    const cancel = this.#options.clock.after(timeoutMs, () => {
      deadline.passed = true;
      child.kill('SIGKILL');
    });
    try {
      const ended = await outcomeOf(child);
      if (deadline.passed) throw timeoutError(timeoutMs);
      return {
        ok: ended.code === 0,
        output: ended.output,
        errors: ended.code === 0 ? '' : complaint(ended),
      };
    } catch (error) {
      if (error instanceof NftablesError) throw error;
      throw new NftablesError('unknown', `cannot run ${program}: ${toError(error).message}`, error);
    } finally {
      cancel();
    }
  }

  #remember({ pid }: ChildProcess): void {
    if (pid === undefined) return;
    this.#children.push(pid);
    if (this.#children.length > REMEMBERED_CHILDREN) this.#children.shift();
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

function outcomeOf(child: ChildProcess): Promise<Ended> {
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on('data', (data: Buffer) => output.push(data));
  child.stderr?.on('data', (data: Buffer) => errors.push(data));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, output: textOf(output), errors: textOf(errors) });
    });
  });
}

function textOf(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString('utf8');
}

function complaint({ code, signal, errors }: Ended): string {
  if (errors.trim() !== '') return errors;
  return signal === null ? `nft ended with status ${String(code)}` : `nft was killed by ${signal}`;
}

function timeoutError(timeoutMs: number): NftablesError {
  return new NftablesError(
    'timeout',
    `nft did not answer within ${timeoutMs / 1000} s and was killed; the change may still have been made`,
  );
}

async function writePrivate(path: string, document: readonly Buffer[]): Promise<void> {
  try {
    // Left over from an earlier process with our number.
    await rm(path, { force: true });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.concat(document));
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new NftablesError('resources', `cannot write ${path}: ${toError(cause).message}`, cause);
  }
}
