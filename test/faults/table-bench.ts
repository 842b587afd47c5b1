import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CalicoObject } from '../support/calico.ts';
import { Daemon } from '../support/daemon.ts';
import type { LogLine } from '../support/daemon.ts';
import { buildLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Outcome } from '../support/probe.ts';
import { hammered } from './prober.ts';
import type { Seen } from './prober.ts';
import { tableText } from './table-text.ts';

const HOST = '10.0.1.1';
const CLIENT = '10.0.1.9';
const PERMITTED = 8055;
const FORBIDDEN = 9100;
const ALSO_OPEN = 9200;
const FLOOD = fileURLToPath(new URL('flood.ts', import.meta.url));
const HEALTH = 'http://127.0.0.1:9099';
const METRICS = 'http://127.0.0.1:9091/metrics';
// Longer than a retransmitted SYN takes.
const PATIENCE_MS = 1500;
const FOREIGN = 'somebody else changed our table: writing it again';

/** A repair of the table. */
export interface Repair {
  /** From the end of the foreign command to the daemon's word that the table is written. */
  readonly tookMs: number;
  /** What the daemon said about the change. */
  readonly said: LogLine;
}

/**
 * A host A that the real daemon protects from a directory of manifests, and a client C: one TCP port is
 * permitted, everything else is not.
 */
export class TableBench {
  readonly #lab: Lab<'A' | 'C'>;
  readonly #home: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly daemon: Daemon;

  private constructor(lab: Lab<'A' | 'C'>, env: Readonly<Record<string, string>>) {
    this.#lab = lab;
    this.#home = mkdtempSync(join(tmpdir(), 'rampart-faults-'));
    mkdirSync(join(this.#home, 'resources'));
    this.#env = env;
    this.daemon = new Daemon({
      netns: lab.hosts.A.namespace,
      nodeName: 'hosta',
      etcdEndpoint: '',
      env: this.environment(),
    });
  }

  /** Builds both hosts and starts the daemon. */
  static async start(
    objects: readonly CalicoObject[] = protection(),
    env: Readonly<Record<string, string>> = {},
  ): Promise<TableBench> {
    const lab = await buildLab([
      host('A', `${HOST}/24`, [PERMITTED, FORBIDDEN, ALSO_OPEN]),
      host('C', `${CLIENT}/24`, [ALSO_OPEN]),
    ]);
    const bench = new TableBench(lab, env);
    try {
      bench.store(objects);
      await bench.daemon.start();
      return bench;
    } catch (thrown) {
      await bench.stop();
      throw thrown;
    }
  }

  /** What the daemon is started with; `extra` wins. */
  environment(extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return {
      DATASTORE_TYPE: 'file',
      RAMPART_DATASTORE_DIRECTORY: join(this.#home, 'resources'),
      RAMPART_METRICS_ENABLED: 'true',
      ...this.#env,
      ...extra,
    };
  }

  /** Replaces all manifests at once. */
  store(objects: readonly CalicoObject[]): void {
    const text = objects.map((one) =>
      JSON.stringify({ apiVersion: 'projectcalico.org/v3', ...one }),
    );
    const file = join(this.#home, 'resources', 'all.yaml');
    writeFileSync(`${file}.new`, text.join('\n---\n'));
    renameSync(`${file}.new`, file);
  }

  /** Runs a program on A, as another administrator would. */
  run(argv: readonly string[], input?: string): Promise<string> {
    return this.#lab.hosts.A.namespace.run(argv, input);
  }

  /** Runs commands of nft's own language on A. */
  nft(commands: string): Promise<string> {
    return this.run(['nft', '-f', '-'], commands);
  }

  /** Starts a program on A that ends with the bench at the latest. */
  spawn(argv: readonly string[]): ChildProcess {
    return this.#lab.hosts.A.namespace.spawn(argv);
  }

  /** Floods a UDP port of A with packets of the client, which begin a flow each; ends with the bench. Resolves once it has begun. */
  async flood(port: number): Promise<void> {
    const argv = [process.execPath, '--import=tsx', FLOOD, CLIENT, HOST, String(port)];
    const { stdout } = this.#lab.hosts.C.namespace.spawn(argv);
    if (stdout !== null) await once(stdout, 'data');
  }

  /** Asserts that the table is what a daemon writes that starts from nothing. */
  async assertFresh(): Promise<void> {
    const table = await this.table();
    await this.daemon.kill();
    await this.run(['nft', 'delete', 'table', 'inet', 'rampart']);
    await this.daemon.start();
    assert.equal(table, await this.table());
  }

  /** Our table without counts, in an order that does not depend on history; empty when there is none. */
  async table(): Promise<string> {
    return tableText(this.#lab.hosts.A.namespace);
  }

  /** Lets somebody change the table and waits until the daemon has written it again. */
  async repaired(change: () => Promise<unknown>): Promise<Repair> {
    const { daemon } = this;
    const { position } = daemon;
    await change();
    const changedAt = performance.now();
    const said = (lines: readonly LogLine[]): number =>
      lines.findIndex(({ msg }) => msg === FOREIGN);
    await daemon.waitFor(
      'a repair',
      (lines) => said(lines) >= 0 && lines.slice(said(lines)).some(({ msg }) => msg === 'applied'),
      10_000,
      position,
    );
    const tookMs = performance.now() - changedAt;
    const line = daemon.log.slice(position).find(({ msg }) => msg === FOREIGN);
    if (line === undefined) throw new Error('unreachable: it was waited for');
    return { tookMs, said: line };
  }

  /** Hammers both ports and keeps a connection open while `fault` runs. */
  async during(fault: () => Promise<unknown>): Promise<Seen> {
    return hammered(
      this.#lab.hosts.C.agent,
      { host: HOST, permitted: PERMITTED, forbidden: FORBIDDEN },
      fault,
    );
  }

  /** What a client that connects to a port of A meets. */
  async connect(port: number): Promise<Outcome> {
    const probe = { kind: 'tcp', dst: HOST, port } as const;
    const { agent } = this.#lab.hosts.C;
    const [outcome] = await agent.call('probe', { probes: [probe], timeoutMs: PATIENCE_MS });
    return outcome ?? 'timeout';
  }

  /** What A meets when it connects to port 9200 of the client, the only one that is open there. */
  async connectOut(): Promise<Outcome> {
    const probe = { kind: 'tcp', dst: CLIENT, port: ALSO_OPEN } as const;
    const { agent } = this.#lab.hosts.A;
    const [outcome] = await agent.call('probe', { probes: [probe], timeoutMs: PATIENCE_MS });
    return outcome ?? 'timeout';
  }

  /** Opens a connection to a port of A, or from A to the client's; resolves to what asks whether it still carries data. */
  async connection(name: string, port: number | 'out'): Promise<() => Promise<Outcome>> {
    const { A, C } = this.#lab.hosts;
    const [agent, dst] = port === 'out' ? [A.agent, CLIENT] : [C.agent, HOST];
    const probe = { kind: 'tcp', dst, port: port === 'out' ? ALSO_OPEN : port } as const;
    const opened = await agent.call('open', { name, probe, timeoutMs: PATIENCE_MS });
    if (opened !== 'ok') throw new Error(`${name}: ${opened}`);
    return () => agent.call('exchange', { name, timeoutMs: PATIENCE_MS });
  }

  /** The status of `/readiness`, or 0 when nobody answers. */
  async readiness(): Promise<number> {
    const url = `${HEALTH}/readiness`;
    const { agent } = this.#lab.hosts.A;
    return agent.call('http', { url }).then(
      ({ status }) => status,
      () => 0,
    );
  }

  /** The value of one metric without labels. */
  async metric(name: string): Promise<number> {
    const { body } = await this.#lab.hosts.A.agent.call('http', { url: METRICS });
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1] ?? Number.NaN);
  }

  async stop(): Promise<void> {
    await this.daemon.stop();
    await this.#lab.dispose();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** A host endpoint on eth0 that one TCP port is open on, for addresses of a set too; `extra` is stored beside it. */
export function protection(
  nets: readonly string[] = ['192.0.2.0/24', '198.51.100.7/32'],
  port: number | readonly number[] = PERMITTED,
): readonly CalicoObject[] {
  const allow = { action: 'Allow', protocol: 'TCP', destination: { ports: [port].flat() } };
  const friends = { action: 'Allow', source: { selector: "role == 'friend'" } };
  return [
    {
      kind: 'HostEndpoint',
      metadata: { name: 'edge', labels: { role: 'edge' } },
      spec: { node: 'hosta', interfaceName: 'eth0' },
    },
    {
      kind: 'GlobalNetworkSet',
      metadata: { name: 'friends', labels: { role: 'friend' } },
      spec: { nets },
    },
    {
      kind: 'GlobalNetworkPolicy',
      metadata: { name: 'service' },
      spec: {
        selector: "role == 'edge'",
        types: ['Ingress', 'Egress'],
        ingress: [allow, friends],
        egress: [{ action: 'Allow' }],
      },
    },
  ];
}

/** Deny rules enough for a verdict map, UDP to the forbidden port among them, and then `rest`. */
export function denials(rest: readonly unknown[] = []): CalicoObject {
  const rules = Array.from({ length: 10 }, (_, i) => ({
    ...{ action: 'Deny', protocol: 'UDP', destination: { ports: [FORBIDDEN + i] } },
  }));
  return {
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'denials' },
    spec: {
      order: 1,
      selector: "role == 'edge'",
      types: ['Ingress'],
      ingress: [...rules, ...rest],
    },
  };
}

function host<Name extends string>(
  name: Name,
  address: string,
  tcp: readonly number[],
): { readonly name: Name } & Parameters<typeof buildLab>[0][number] {
  return { name, interfaces: [{ name: 'eth0', lan: 'lan0', addresses: [address] }], tcp };
}
