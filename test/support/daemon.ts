import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { killed, type Namespace } from './netns.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_MS = 20_000;
const SETTLE_MS = 15_000;

/** Where a daemon runs, as whom, and against which datastore. */
export interface DaemonOptions {
  readonly netns: Namespace;
  readonly nodeName: string;
  readonly etcdEndpoint: string;
  readonly env?: Readonly<Record<string, string>>;
  /** By default a directory of its own, removed by `stop`. */
  readonly stateDir?: string;
  readonly runDir?: string;
  /** The text of a configuration file. */
  readonly config?: string;
}

/** A line of the daemon's log. */
export interface LogLine {
  readonly msg: string;
  readonly level: number;
  readonly revision?: number;
  readonly [field: string]: unknown;
}

/** How the daemon under test is started; absent as long as neither its source nor a build is there. */
export function daemonCommand(): readonly string[] | undefined {
  const built = join(ROOT, 'dist/daemon/rampartd.js');
  const source = join(ROOT, 'daemon/rampartd.ts');
  const wanted = process.env['RAMPART_TEST_DAEMON'];
  if (wanted !== undefined && wanted !== 'dist') return wanted.split(' ');
  if (wanted === 'dist') return [process.execPath, built];
  return existsSync(source) ? [process.execPath, '--import', 'tsx', source] : undefined;
}

/** Starts the real daemon in a namespace; resolves when the first complete sync is in the kernel. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const daemon = new Daemon(options);
  try {
    await daemon.start();
  } catch (thrown) {
    await daemon.stop();
    throw thrown;
  }
  return daemon;
}

/** One daemon over its lives: it may be killed and started again on the same state directory. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #home = mkdtempSync(join(tmpdir(), 'rampart-daemon-'));
  readonly #log: LogLine[] = [];
  readonly #said: string[] = [];
  readonly #watchers = new Set<() => void>();
  #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #lifeBegan = 0;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#env = options.env ?? {};
    process.once('exit', this.#removeHome);
  }

  /** Everything it has logged, in all its lives. */
  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** A place in the log, for `applied`. */
  get position(): number {
    return this.#log.length;
  }

  /** Where its state is kept over its lives. */
  get stateDir(): string {
    return this.#options.stateDir ?? join(this.#home, 'state');
  }

  /** Where it listens for rampartctl. */
  get runDir(): string {
    return this.#options.runDir ?? join(this.#home, 'run');
  }

  /** Starts it (again) and waits until the first complete sync is in the kernel. */
  async start(env?: Readonly<Record<string, string>>): Promise<void> {
    this.launch(env);
    await this.waitFor(
      'a complete sync',
      (lines) => lines.some(isReady),
      READY_MS,
      this.#lifeBegan,
    );
  }

  /** Starts it (again) without waiting. */
  launch(env?: Readonly<Record<string, string>>): void {
    if (env !== undefined) this.#env = env;
    const command = daemonCommand();
    if (command === undefined) throw new Error('there is no daemon to start: build it first');
    this.#lifeBegan = this.#log.length;
    const child = this.#options.netns.spawn([...command, ...this.#arguments()], {
      env: this.#environment(),
    });
    this.#child = child;
    if (child.stdout === null || child.stderr === null) throw new Error('the daemon has no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#heard(line);
    });
    createInterface({ input: child.stderr }).on('line', (line) => this.#said.push(line));
    child.once('exit', () => {
      this.#wakeWatchers();
    });
  }

  /** Waits until the kernel holds the datastore's state at `revision`, or a later one. */
  async settled(revision: number): Promise<void> {
    const reached = (line: LogLine): boolean =>
      isTurn(line) && line.revision !== undefined && line.revision >= revision;
    await this.waitFor(`revision ${revision}`, (lines) => lines.some(reached), SETTLE_MS, 0);
  }

  /** Waits for the first turn that changed the kernel after `position`. */
  async applied(position: number): Promise<void> {
    const changed = (line: LogLine): boolean => line.msg === 'applied';
    await this.waitFor('a change', (lines) => lines.some(changed), SETTLE_MS, position);
  }

  /** Waits until the lines after `position` satisfy `condition`; rejects with the log's end. */
  waitFor(
    what: string,
    condition: (lines: readonly LogLine[]) => boolean,
    timeoutMs: number,
    position: number,
  ): Promise<void> {
    const met = (): boolean => condition(this.#log.slice(position));
    if (met()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (met()) finish();
        else if (!this.#running()) finish(this.#failure(`ended while waiting for ${what}`));
      };
      const timer = setTimeout(() => {
        finish(this.#failure(`no sign of ${what} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  /** SIGTERM, as systemd stops it; resolves when it has ended. The state directory stays. */
  async terminate(): Promise<void> {
    if (this.#child !== undefined) await killed(this.#child, 'SIGTERM');
  }

  /** Gives it another configuration file and has it read that, as `systemctl reload` does. */
  reload(config: string): void {
    writeFileSync(this.#configFile, config);
    this.#child?.kill('SIGHUP');
  }

  /** Freezes it where it is, until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** SIGKILL; resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await killed(this.#child, 'SIGKILL');
  }

  /** Ends it for good and removes what it left on disk. */
  async stop(): Promise<void> {
    await this.kill();
    process.off('exit', this.#removeHome);
    this.#removeHome();
  }

  readonly #removeHome = (): void => {
    rmSync(this.#home, { recursive: true, force: true });
  };

  #arguments(): readonly string[] {
    if (this.#options.config === undefined) return [];
    writeFileSync(this.#configFile, this.#options.config);
    return ['--config', this.#configFile];
  }

  get #configFile(): string {
    return join(this.#home, 'rampart.yaml');
  }

  #environment(): Readonly<Record<string, string>> {
    for (const directory of [this.stateDir, this.runDir]) mkdirSync(directory, { recursive: true });
    return {
      NODENAME: this.#options.nodeName,
      DATASTORE_TYPE: 'etcdv3',
      ETCD_ENDPOINTS: this.#options.etcdEndpoint,
      RAMPART_STATE_DIR: this.stateDir,
      RAMPART_RUN_DIR: this.runDir,
      RAMPART_LOG_LEVEL: 'debug',
      ...this.#env,
    };
  }

  #heard(line: string): void {
    try {
      this.#log.push(JSON.parse(line) as LogLine);
    } catch {
      this.#said.push(line);
    }
    this.#wakeWatchers();
  }

  #wakeWatchers(): void {
    for (const look of [...this.#watchers]) look();
  }

  #running(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  #failure(why: string): Error {
    const lines = this.#log.slice(-8).map((line) => JSON.stringify(line));
    const end = [...lines, ...this.#said.slice(-8)].join('\n');
    return new Error(`the daemon of ${this.#options.nodeName}: ${why}\n${end}`);
  }
}

function isReady(line: LogLine): boolean {
  return line.msg === 'in sync and applied';
}

function isTurn(line: LogLine): boolean {
  return line.msg === 'applied' || line.msg === 'unchanged';
}
