import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from '../test/support/daemon.ts';
import { buildLab, type Lab } from '../test/support/lab.ts';
import type { Outcome } from '../test/support/probe.ts';
import { type Counters, DECIDER, decider, isFailsafe, moved, readCounters } from './decider.ts';
import { type HostName, HOSTS, probeOf } from './hosts.ts';
import { type Change, changed } from './change.ts';
import { HOST_ENDPOINTS } from './manifests.ts';
import { directionOf, type Row } from './row.ts';
import type { Finding } from './table.ts';

const TURN_MS = 10_000;
// An answer over veth takes a millisecond; patience costs only where an answer is expected.
const PATIENCE_MS = { allowed: 2000, denied: 300 } as const;
const WORDS: Readonly<Partial<Record<Outcome, string>>> = {
  ok: 'allowed',
  timeout: 'denied',
  eperm: 'denied',
};

/** Three hosts, the real daemon on db-1, and the directory of manifests it reads. */
export class Stage {
  readonly lab: Lab<HostName>;
  readonly daemon: Daemon;
  readonly #home: string;

  private constructor(lab: Lab<HostName>, home: string) {
    this.lab = lab;
    this.#home = home;
    mkdirSync(this.#manifests);
    this.daemon = new Daemon({
      netns: lab.hosts['db-1'].namespace,
      nodeName: 'db-1',
      etcdEndpoint: '',
      env: { DATASTORE_TYPE: 'file', RAMPART_DATASTORE_DIRECTORY: this.#manifests },
    });
  }

  /** Builds the network and starts the daemon on an empty directory; on failure nothing is left. */
  static async build(): Promise<Stage> {
    const home = mkdtempSync(join(tmpdir(), 'rampart-demo-'));
    // Signals end the process through its exit handlers too.
    process.once('exit', () => {
      rmSync(home, { recursive: true, force: true });
    });
    const lab = await buildLab(HOSTS);
    const stage = new Stage(lab, home);
    try {
      await stage.daemon.start();
    } catch (thrown) {
      await stage.dispose();
      throw thrown;
    }
    return stage;
  }

  async dispose(): Promise<void> {
    await this.daemon.stop();
    await this.lab.dispose();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Changes a manifest and waits until the kernel has it; resolves to the milliseconds that took. */
  async apply(change: Change): Promise<number> {
    const { position } = this.daemon;
    const began = performance.now();
    this.write(change);
    const isTurn = (msg: string): boolean => msg === 'applied' || msg === 'unchanged';
    const done = (lines: Daemon['log']): boolean => lines.some(({ msg }) => isTurn(msg));
    await this.daemon.waitFor(change.about, done, TURN_MS, position);
    return performance.now() - began;
  }

  /** The same without waiting. */
  write(change: Change): void {
    const path = join(this.#manifests, change.file);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    writeFileSync(`${path}.new`, changed(text, change));
    renameSync(`${path}.new`, path);
  }

  /** Tries one connection. Who decided is read off the counters, so nothing else may be tried meanwhile. */
  async ask(row: Row): Promise<Finding> {
    const before = await this.counters();
    const outcome = await this.#outcome(row);
    const names = moved(before, await this.counters());
    if (outcome === 'timeout') await this.forgetAttempts(row.from);
    const word = WORDS[outcome] ?? outcome;
    return { row, outcome: word, by: decider(directionOf(row), names) ?? this.#silent(row) };
  }

  /**
   * Ends the connections that a host still tries to open: the kernel would send the SYN again long after
   * the prober gave up, and it would be counted on somebody else's account.
   */
  async forgetAttempts(host: HostName): Promise<void> {
    await this.lab.hosts[host].namespace.run(['ss', '-KHtn', 'state', 'syn-sent']);
  }

  /** The counters of db-1 as they stand. */
  async counters(): Promise<Counters> {
    const { namespace } = this.lab.hosts['db-1'];
    return readCounters(await namespace.run(['nft', '-j', 'list', 'counters']));
  }

  get #manifests(): string {
    return join(this.#home, 'resources');
  }

  async #outcome(row: Row): Promise<Outcome> {
    const { agent } = this.lab.hosts[row.from];
    const timeoutMs = PATIENCE_MS[row.expected];
    if (row.session) return agent.call('exchange', { name: row.to, timeoutMs });
    const probes = [probeOf(row.to, row.service)];
    const [outcome = 'timeout'] = await agent.call('probe', { probes, timeoutMs });
    return outcome;
  }

  // Failsafe ports and known connections are accepted before any rule that counts.
  #silent(row: Row): string {
    if (!existsSync(join(this.#manifests, HOST_ENDPOINTS.file))) return DECIDER.nobody;
    if (row.session) return DECIDER.established;
    return isFailsafe(directionOf(row), row.service) ? DECIDER.failsafe : DECIDER.unknown;
  }
}
