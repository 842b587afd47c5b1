import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { buildLab, type HostPlan, type Lab } from '../support/lab.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONFIG = '/etc/rampart/rampart.yaml';
const RELOADED = 'configuration and certificates read again';

// Answers any request, as the servers of the page do.
const WEB = `
  const answer = (request, response) => response.end('hello\\n');
  for (const port of [80, 9100]) require('node:http').createServer(answer).listen(port, '0.0.0.0');
`;

const host = (name: string, last: number): HostPlan & { readonly name: string } => ({
  name,
  interfaces: [{ name: 'eth0', lan: 'lan0', addresses: [`192.0.2.${last}/24`] }],
  tcp: name === 'web-1' ? [22] : [],
});

/** The machines of the page, and what was written and started on `web-1`. */
export class RolloutStage {
  readonly #lab: Lab;
  readonly #home = mkdtempSync(join(tmpdir(), 'rampart-rollout-'));
  readonly #written = new Map<string, string>();
  #daemon: Daemon | undefined;

  private constructor(lab: Lab) {
    this.#lab = lab;
    this.#host('web-1').namespace.spawn([process.execPath, '-e', WEB]);
  }

  static async build(): Promise<RolloutStage> {
    return new RolloutStage(
      await buildLab([host('web-1', 10), host('app-1', 20), host('old-1', 30)]),
    );
  }

  async dispose(): Promise<void> {
    await this.#daemon?.stop();
    await this.#lab.dispose();
    rmSync(this.#home, { recursive: true });
  }

  /** Writes a file of the page. */
  write(path: string, text: string): void {
    const file = this.#inside(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.#moved(text));
    this.#written.set(path, this.#moved(text));
  }

  /** Runs a command of the page; answers what it printed, errors included, with its paths as on the page. */
  async run(name: string, command: string): Promise<string> {
    const [, verb] = /^systemctl (\S+) rampart$/.exec(command) ?? [];
    if (verb !== undefined) return this.#systemctl(verb);
    const child = this.#host(name).namespace.spawn(
      ['sh', '-c', `exec 2>&1; ${this.#moved(command)}`],
      {
        env: { ...this.#environment(), PATH: `${this.#programs()}:${process.env['PATH'] ?? ''}` },
      },
    );
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    return output.replaceAll(this.#home, '');
  }

  async #systemctl(verb: string): Promise<string> {
    const config = this.#written.get(CONFIG) ?? '';
    if (verb === 'start') {
      const netns = this.#host('web-1').namespace;
      const { RAMPART_STATE_DIR: stateDir, RAMPART_RUN_DIR: runDir, ...env } = this.#environment();
      const options = { netns, nodeName: 'web-1', etcdEndpoint: '', config, stateDir, runDir, env };
      this.#daemon = await startDaemon(options);
    } else if (verb === 'reload' && this.#daemon !== undefined) {
      const { position } = this.#daemon;
      const isReloaded = ({ msg }: { msg: string }): boolean => msg === RELOADED;
      this.#daemon.reload(config);
      await this.#daemon.waitFor('a reload', (lines) => lines.some(isReloaded), 10_000, position);
    } else throw new Error(`the page asks for systemctl ${verb}, which nothing here answers`);
    return '';
  }

  #environment(): Record<'RAMPART_STATE_DIR' | 'RAMPART_RUN_DIR', string> & Record<string, string> {
    return {
      NODENAME: 'web-1',
      DATASTORE_TYPE: 'file',
      RAMPART_DATASTORE_DIRECTORY: this.#inside('/etc/rampart/resources'),
      RAMPART_STATE_DIR: this.#inside('/var/lib/rampart'),
      RAMPART_RUN_DIR: this.#inside('/run/rampart'),
    };
  }

  #host(name: string): Lab['hosts'][string] {
    const found = this.#lab.hosts[name];
    if (found === undefined) throw new Error(`the page has no host ${name}`);
    return found;
  }

  #inside(path: string): string {
    return join(this.#home, path);
  }

  #moved(text: string): string {
    return text.replaceAll(/(?<![\w.])\/(?:etc\/rampart|root)(?=\/|\b)/g, (path) =>
      this.#inside(path),
    );
  }

  #programs(): string {
    const directory = this.#inside('/bin');
    const program = join(directory, 'rampartctl');
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      program,
      `#!/bin/sh\nexec ${process.execPath} ${ROOT}dist/daemon/rampartctl.js "$@"\n`,
    );
    chmodSync(program, 0o755);
    return directory;
  }
}
