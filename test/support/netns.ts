import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { runCommand } from './command.ts';

const NETNS_DIRECTORY = '/run/netns';
const PREFIX = 'rampart-';

/** A network namespace of ours; commands run inside it, everything else is shared with the caller. */
export interface Namespace {
  /** As `ip netns list` prints it: `rampart-<id>-<host>`. */
  readonly name: string;
  /** Runs a command inside; rejects with a CommandError when it fails. */
  run(argv: readonly string[], input?: string): Promise<string>;
  /** Starts a long-lived process inside; it dies with the group, or with this process at the latest. */
  spawn(argv: readonly string[], options?: SpawnInside): ChildProcess;
}

/** Environment to add and what the child's stderr is connected to (`pipe` by default). */
export interface SpawnInside {
  readonly env?: Readonly<Record<string, string>>;
  readonly stderr?: 'pipe' | 'inherit' | 'ignore';
}

/**
 * Network namespaces that live and end together. `dispose` is safe to call twice; an exit or a signal
 * disposes of what is left, and a group whose process was killed is removed by `sweepNamespaces`.
 */
export class NamespaceGroup {
  readonly id = `${process.pid.toString(16)}z${randomBytes(3).toString('hex')}`;
  readonly #names = new Set<string>();
  readonly #children = new Set<ChildProcess>();

  constructor() {
    liveGroups.add(this);
    installExitHandlers();
  }

  async add(host: string): Promise<Namespace> {
    const name = `${PREFIX}${this.id}-${host}`;
    this.#names.add(name);
    await runCommand(['ip', 'netns', 'add', name]);
    const enter = ['nsenter', `--net=${NETNS_DIRECTORY}/${name}`, '--'];
    return {
      name,
      run: (argv, input) => runCommand([...enter, ...argv], input),
      spawn: (argv, options) => this.#spawn([...enter, ...argv], options ?? {}),
    };
  }

  /** Ends all processes, then removes all namespaces; resolves when both are gone. */
  async dispose(): Promise<void> {
    const ended = [...this.#children].map((child) => killed(child));
    await Promise.all(ended);
    const names = [...this.#names];
    this.#names.clear();
    await Promise.allSettled(names.map((name) => runCommand(['ip', 'netns', 'del', name])));
    liveGroups.delete(this);
  }

  /** The same without waiting, for a process that is about to end. */
  disposeNow(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const name of this.#names) spawnSync('ip', ['netns', 'del', name]);
    this.#names.clear();
    liveGroups.delete(this);
  }

  #spawn(argv: readonly string[], options: SpawnInside): ChildProcess {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {
      stdio: ['pipe', 'pipe', options.stderr ?? 'pipe'],
      env: { ...ownEnvironment(), ...options.env },
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }
}

// What configures the tests, or a daemon of the machine itself, must not configure the daemon under test.
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  const isForeign = /^(RAMPART|FELIX|CALICO|ETCD)_|^(NODENAME|DATASTORE_TYPE)$/;
  return Object.fromEntries(entries.filter(([key]) => !isForeign.test(key)));
}

/** Kills a process and resolves once it has ended. */
export async function killed(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Removes namespaces whose test process no longer exists; resolves to their names. */
export async function sweepNamespaces(): Promise<readonly string[]> {
  const dead = namespaceNames().filter((name) => !ownerLives(name));
  await Promise.allSettled(dead.map((name) => runCommand(['ip', 'netns', 'del', name])));
  return dead;
}

/** The names of all namespaces that groups have made, dead or alive. */
export function namespaceNames(): readonly string[] {
  if (!existsSync(NETNS_DIRECTORY)) return [];
  return readdirSync(NETNS_DIRECTORY).filter((name) =>
    /^rampart-[0-9a-f]+z[0-9a-f]{6}-/.test(name),
  );
}

function ownerLives(name: string): boolean {
  const pid = Number.parseInt(name.slice(PREFIX.length).split('z')[0] ?? '', 16);
  return existsSync(`/proc/${pid}`);
}

const liveGroups = new Set<NamespaceGroup>();
let handlersInstalled = false;

function installExitHandlers(): void {
  if (handlersInstalled) return;
  handlersInstalled = true;
  process.once('exit', () => {
    for (const group of [...liveGroups]) group.disposeNow();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      for (const group of [...liveGroups]) group.disposeNow();
      process.exit(130);
    });
  }
}
