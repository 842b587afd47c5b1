import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createControlClient } from '../../src/control/client.ts';
import type { ControlClient } from '../../src/control/client.ts';
import { SOCKET_NAME } from '../../src/control/wire.ts';
import type { CalicoObject, StoredPair } from '../support/calico.ts';
import { initialObjects, stored } from '../support/calico.ts';
import { forgetConnections } from '../support/conntrack.ts';
import { type Daemon, daemonCommand, startDaemon } from '../support/daemon.ts';
import { Datastore } from '../support/datastore.ts';
import type { Lab } from '../support/lab.ts';
import { type Etcd, startEtcd } from '../support/etcd.ts';
import type { Outcome } from '../support/probe.ts';
import { disagreement, explainFlow } from './ask-explain.ts';
import { seenOnTheWay } from './flow.ts';
import { type Check, complaint, type Family, probeOf, addressOf, type Target } from './check.ts';
import { buildPacketLab, ETCD_ADDRESS, type HostName, NODE_NAMES } from './topology.ts';

/** How long silence lasts before a probe counts as dropped. */
export const PROBE_TIMEOUT_MS = 800;

// A busy machine may take its time. Over veth an ICMPv6 error can arrive while `connect` still holds the
// socket; the kernel then remembers it until it sends the SYN again, after a second.
const ANSWER_TIMEOUT_MS = 2500;

/** The hosts that run the daemon. */
export type Protected = keyof typeof NODE_NAMES;

/** One laboratory with etcd and the daemons of A and B, used by row after row. */
export class Bench {
  readonly lab: Lab<HostName>;
  readonly datastore: Datastore;
  readonly daemons: Readonly<Partial<Record<Protected, Daemon>>>;
  readonly #etcd: Etcd;
  readonly #initial: readonly StoredPair[];
  readonly #clients: Readonly<Partial<Record<Protected, ControlClient>>>;
  #foreignTables = 0;
  /** How often explain was asked about a flow, and how often it could not say. */
  readonly explained = { asked: 0, unsaid: 0 };

  private constructor(parts: Parts) {
    this.lab = parts.lab;
    this.datastore = parts.datastore;
    this.daemons = parts.daemons;
    this.#etcd = parts.etcd;
    this.#initial = parts.initial;
    this.#clients = {
      ...(this.daemons.A && { A: clientOf(this.daemons.A) }),
      ...(this.daemons.B && { B: clientOf(this.daemons.B) }),
    };
  }

  /** Builds the network, starts etcd and, unless told otherwise, both daemons, with this configuration file. */
  static async start(options: {
    readonly daemons: boolean;
    readonly config?: string;
  }): Promise<Bench> {
    const lab = await buildPacketLab();
    let etcd: Etcd | undefined;
    try {
      const netns = lab.hosts.M.namespace.name;
      etcd = await startEtcd({ netns, listen: ETCD_ADDRESS });
      const datastore = new Datastore(etcd);
      const initial = initialObjects(randomUUID().replaceAll('-', '')).map(stored);
      await datastore.replace(initial);
      const daemons = options.daemons ? await startDaemons(lab, etcd.endpoint, options.config) : {};
      return new Bench({ lab, etcd, datastore, daemons, initial });
    } catch (thrown) {
      await etcd?.stop();
      await lab.dispose();
      throw thrown;
    }
  }

  async dispose(): Promise<void> {
    for (const client of Object.values(this.#clients)) client.close();
    await Promise.all(this.#allDaemons().map((daemon) => daemon.stop()));
    await this.#etcd.stop();
    await this.lab.dispose();
  }

  /** The daemon of a host. */
  daemon(host: Protected): Daemon {
    const daemon = this.daemons[host];
    if (daemon === undefined) throw new Error(`no daemon runs on ${host}`);
    return daemon;
  }

  /** Replaces what the datastore holds (beside what every datastore holds) and waits for the kernels. */
  async store(objects: readonly CalicoObject[], raw: readonly StoredPair[] = []): Promise<void> {
    await this.write(objects, raw);
    await this.settled();
  }

  /** The same without waiting. */
  async write(objects: readonly CalicoObject[], raw: readonly StoredPair[] = []): Promise<void> {
    await this.datastore.replace([...this.#initial, ...objects.map(stored), ...raw]);
  }

  /** The local API of a host's daemon. */
  client(host: Protected): ControlClient {
    const client = this.#clients[host];
    if (client === undefined) throw new Error(`no daemon runs on ${host}`);
    return client;
  }

  /** Waits until the kernels hold what was written last. */
  async settled(): Promise<void> {
    const { revision } = this.datastore;
    await Promise.all(this.#allDaemons().map((daemon) => daemon.settled(revision)));
  }

  /** Forgets the connections of the protected hosts, but for those to etcd. */
  async flushConntrack(): Promise<void> {
    const hosts = [this.lab.hosts.A, this.lab.hosts.B];
    const networks = ['10.0.1.0/24', '10.0.2.0/23', '127.0.0.0/8'];
    await Promise.all(hosts.map((host) => forgetConnections(host.namespace, networks)));
  }

  /** Runs all checks at once, each in all its families; throws one error that lists what is wrong. */
  async check(...checks: readonly Check[]): Promise<void> {
    const complaints = await this.complaints(checks);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  }

  /** The same, but the complaints are returned; one of them for each flow that explain takes otherwise. */
  async complaints(checks: readonly Check[]): Promise<readonly string[]> {
    const cases = checks.flatMap((check) => check.families.map((family) => ({ check, family })));
    const complaints = cases.map(async ({ check, family }) => {
      const outcome = await this.#probe(check, family);
      const wrong = complaint(check, family, outcome) ?? [];
      const disagreed = (await this.#disagreement(check, family, outcome)) ?? [];
      return [wrong, disagreed].flat();
    });
    return (await Promise.all(complaints)).flat();
  }

  // Other owners' tables have their say in the kernel, and none in explain.
  async #disagreement(check: Check, family: Family, outcome: Outcome): Promise<string | undefined> {
    if (this.#foreignTables > 0 || check.besides !== undefined) return undefined;
    this.explained.asked++;
    const seen = seenOnTheWay(check, family);
    const explained =
      seen === null ? null : await explainFlow(seen, (host) => this.#clients[host] ?? null);
    if (explained !== null) return disagreement(check, explained, outcome);
    this.explained.unsaid++;
    return undefined;
  }

  /** Opens a connection that stays; throws unless it comes about. */
  async open(name: string, from: HostName, to: Target, options: OpenOptions): Promise<void> {
    const dst = addressOf(from, to, options.family ?? 4);
    const probe = { kind: 'tcp', dst, port: options.port } as const;
    const request = { name, probe, timeoutMs: ANSWER_TIMEOUT_MS };
    const outcome = await this.lab.hosts[from].agent.call('open', request);
    if (outcome !== 'ok') throw new Error(`connection ${name} did not come about: ${outcome}`);
  }

  /** Sends and receives over an open connection. */
  exchange(name: string, from: HostName): Promise<Outcome> {
    return this.lab.hosts[from].agent.call('exchange', { name, timeoutMs: PROBE_TIMEOUT_MS });
  }

  /** Loads a ruleset of another owner on A; resolves to what removes it. */
  async foreignTable(name: string, chains: string): Promise<() => Promise<void>> {
    const { namespace } = this.lab.hosts.A;
    await namespace.run(['nft', '-f', '-'], `table inet ${name} {\n${chains}\n}\n`);
    this.#foreignTables++;
    return async () => {
      this.#foreignTables--;
      await namespace.run(['nft', 'delete', 'table', 'inet', name]);
    };
  }

  /** The ruleset of a host and the end of its daemon's log, for a failure's report. */
  async evidence(): Promise<string> {
    const parts = (['A', 'B'] as const).map(async (name) => {
      const ruleset = await this.lab.hosts[name].namespace.run(['nft', 'list', 'ruleset']);
      const log = this.daemons[name]?.log.slice(-15).map((line) => JSON.stringify(line)) ?? [];
      return [`=== ${name}`, ruleset, ...log].join('\n');
    });
    return (await Promise.all(parts)).join('\n');
  }

  async #probe(check: Check, family: Family): Promise<Outcome> {
    const timeoutMs = check.expect === 'drop' ? PROBE_TIMEOUT_MS : ANSWER_TIMEOUT_MS;
    const request = { probes: [probeOf(check, family)], timeoutMs };
    const [outcome] = await this.lab.hosts[check.from].agent.call('probe', request);
    return outcome ?? 'timeout';
  }

  #allDaemons(): readonly Daemon[] {
    return Object.values(this.daemons);
  }
}

// Shorter than a test's time: some rows keep a daemon from answering.
const ANSWER_MS = 3000;

function clientOf(daemon: Daemon): ControlClient {
  return createControlClient(join(daemon.runDir, SOCKET_NAME), ANSWER_MS);
}

interface OpenOptions {
  readonly port: number;
  readonly family?: Family;
}

interface Parts {
  readonly lab: Lab<HostName>;
  readonly etcd: Etcd;
  readonly datastore: Datastore;
  readonly daemons: Readonly<Partial<Record<Protected, Daemon>>>;
  readonly initial: readonly StoredPair[];
}

async function startDaemons(
  lab: Lab<HostName>,
  etcdEndpoint: string,
  config?: string,
): Promise<Readonly<Partial<Record<Protected, Daemon>>>> {
  if (daemonCommand() === undefined) throw new Error('there is no daemon to test: build it first');
  const start = (host: Protected): Promise<Daemon> =>
    startDaemon({
      netns: lab.hosts[host].namespace,
      nodeName: NODE_NAMES[host],
      etcdEndpoint,
      ...(config === undefined ? {} : { config }),
    });
  const [A, B] = await Promise.all([start('A'), start('B')]);
  return { A, B };
}
