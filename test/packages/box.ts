import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../support/command.ts';

const SCRIPT = fileURLToPath(new URL('box.sh', import.meta.url));
const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));
const HOME = process.env['BOX'] ?? '/var/tmp/rampart-box';

/** Address of the container, as its client sees it. */
export const ADDRESS = '10.77.0.1';

/** What a client saw. */
export interface Seen {
  readonly tries: number;
  readonly connected: number;
  /** Whether a connection that was there from the start was still echoing at the end. */
  readonly held: boolean;
}

/** Why no container of this Debian release can be booted here; empty when one can. Makes its root the first time. */
export async function obstacle(suite = 'bookworm'): Promise<string> {
  const reason = (await runCommand([SCRIPT, 'able'])).trim();
  if (reason !== '') return reason;
  return runCommand([SCRIPT, 'image', suite]).then(
    () => '',
    (error: unknown) => `no root of Debian ${suite} could be made: ${String(error)}`,
  );
}

/** A booted container with systemd; `down` ends it. */
export class Box {
  readonly name: string;
  readonly #clients: Client[] = [];

  constructor(name: string) {
    this.name = `${name}${process.pid.toString(36)}`;
  }

  async up(suite = 'bookworm'): Promise<void> {
    await runCommand(['env', `SUITE=${suite}`, SCRIPT, 'up', this.name]);
  }

  /** Runs a shell command inside; answers its output, rejects when it fails. */
  run(command: string): Promise<string> {
    return runCommand([SCRIPT, 'in', this.name, 'sh', '-c', command]);
  }

  /** Writes a file inside. */
  write(path: string, text: string): void {
    mkdirSync(dirname(this.#path(path)), { recursive: true });
    writeFileSync(this.#path(path), text);
  }

  /** Puts a file of this machine inside. */
  copy(from: string, path: string): void {
    copyFileSync(from, this.#path(path));
  }

  async reboot(): Promise<void> {
    await runCommand([SCRIPT, 'reboot', this.name]);
  }

  /** The power fails, and comes back. */
  async crash(): Promise<void> {
    await runCommand([SCRIPT, 'crash', this.name]);
  }

  /** Repeats `command` until its output matches; rejects with the last one. */
  async until(command: string, expected: RegExp, seconds = 30): Promise<string> {
    const script = `for i in $(seq ${seconds * 10}); do out=$(${command} 2>&1); if printf %s "$out" | grep -qE '${expected.source}'; then printf %s "$out"; exit 0; fi; sleep 0.1; done; printf %s "$out" >&2; exit 1`;
    return this.run(script);
  }

  /** Starts to try `port` over and over, and to hold one connection to the echo on `held`. */
  async client(port: number, held: number): Promise<Client> {
    const argv = ['cli', this.name, process.execPath, CLIENT, ADDRESS, String(port), String(held)];
    const child = spawn(SCRIPT, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    const client = new Client(child);
    this.#clients.push(client);
    await client.started;
    return client;
  }

  /** Ends it, and what a test that failed has left of its clients: mocha would wait for them for ever. */
  async down(): Promise<void> {
    for (const client of this.#clients) client.kill();
    await runCommand([SCRIPT, 'down', this.name]);
  }

  #path(path: string): string {
    return join(HOME, this.name, 'merged', path);
  }
}

/** A client that keeps trying. */
export class Client {
  readonly #child: ChildProcess;
  readonly started: Promise<void>;
  #said = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.started = new Promise((resolve, reject) => {
      child.once('exit', reject);
      child.stdout?.on('data', (data: Buffer) => {
        this.#said += data.toString();
        if (this.#said.includes('started')) resolve();
      });
    });
  }

  /** Ends it, whatever it is doing; nothing happens when it has ended. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends it; answers what it saw. */
  async stop(): Promise<Seen> {
    const gone = once(this.#child, 'close');
    this.#child.stdin?.end();
    await gone;
    return JSON.parse(this.#said.split('\n')[1] ?? '') as Seen;
  }
}

/** The packages that the tests install: `directory/<version>.deb` and `.rpm`. */
export async function buildPackages(
  versions: readonly string[],
): Promise<{ readonly directory: string; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), 'rampart-ptest-'));
  for (const version of versions) {
    const options = ['--arch', 'x64', '--compression', 'none', '--version', version];
    await runCommand([
      process.execPath,
      'scripts/package/main.mjs',
      ...options,
      '--out',
      directory,
    ]);
  }
  return {
    directory,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
