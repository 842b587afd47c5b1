import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { stored } from '../support/calico.ts';
import type { CalicoObject, StoredPair } from '../support/calico.ts';
import { Daemon } from '../support/daemon.ts';
import type { LogLine } from '../support/daemon.ts';
import { Datastore } from '../support/datastore.ts';
import { startEtcd, startEtcdCluster } from '../support/etcd.ts';
import type { Etcd, EtcdOptions } from '../support/etcd.ts';
import { buildLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { assertUnharmed, hammered } from './prober.ts';
import { protection } from './table-bench.ts';
import { tableText } from './table-text.ts';

const HOST = '10.0.1.1';
const PERMITTED = 8055;
const FORBIDDEN = 9100;
/** Permitted by every second state of the datastore, which has the same keys in both: shows which one is in force. */
const MOVING = 8060;
const HEALTH = 'http://127.0.0.1:9099';
const ANSWER_MS = 1000;
const LOST_MS = 60_000;
const FOUND_MS = 60_000;

/** The cluster that the host belongs to. */
export const OWN_CLUSTER = 'a0000000000000000000000000000001';

/** Where the members of etcd listen, one after another. */
export const MEMBER_ADDRESSES = ['10.0.1.11', '10.0.1.12', '10.0.1.13'] as const;

/** How a bench differs from one etcd without authentication. */
export interface EtcdBenchOptions {
  readonly members?: 1 | 3;
  readonly etcd?: EtcdOptions;
  /** Replaces the address of the first member, as the daemon is told it. */
  readonly endpoints?: string;
  readonly env?: Readonly<Record<string, string>>;
}

type HostName = 'A' | 'C' | 'E' | 'F';

/**
 * A host A that the real daemon protects, a client C, a host E with one etcd or the three members of a cluster,
 * and a host F that looks to the daemon like A and never saw a fault: what a fresh start makes of the datastore.
 */
export class EtcdBench {
  readonly lab: Lab<HostName>;
  readonly members: readonly Etcd[];
  readonly daemon: Daemon;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #endpoints: string;
  #datastore: Datastore;
  #isMovingPermitted = false;

  private constructor(
    lab: Lab<HostName>,
    members: readonly Etcd[],
    { endpoints, env }: EtcdBenchOptions,
  ) {
    this.lab = lab;
    this.members = members;
    this.#endpoints = endpoints ?? members.map((member) => member.endpoint).join(',');
    this.#environment = env ?? {};
    this.#datastore = new Datastore(this.etcd);
    this.daemon = this.#newDaemon('A');
  }

  /** Builds the hosts, starts etcd, fills it, and starts the daemon; on failure nothing is left. */
  static async start(options: EtcdBenchOptions = {}): Promise<EtcdBench> {
    const bench = await EtcdBench.build(options);
    try {
      await bench.daemon.start();
      return bench;
    } catch (thrown) {
      await bench.stop();
      throw thrown;
    }
  }

  /** The same without starting the daemon. */
  static async build(options: EtcdBenchOptions = {}): Promise<EtcdBench> {
    const lab = await buildLab([
      plan('A', [`${HOST}/24`], [PERMITTED, FORBIDDEN, MOVING]),
      plan('C', ['10.0.1.9/24'], []),
      plan(
        'E',
        MEMBER_ADDRESSES.map((address) => `${address}/24`),
        [],
      ),
      plan('F', ['10.0.1.2/24'], []),
    ]);
    let members: readonly Etcd[] = [];
    try {
      members = await startMembers(lab.hosts.E.namespace.name, options);
      const bench = new EtcdBench(lab, members, options);
      await bench.change();
      return bench;
    } catch (thrown) {
      await Promise.all(members.map((member) => member.stop()));
      await lab.dispose();
      throw thrown;
    }
  }

  /** The first member, or the only one. */
  get etcd(): Etcd {
    const [first] = this.members;
    if (first === undefined) throw new Error('there is no etcd');
    return first;
  }

  /** Writes the other of the two states; resolves to the revision. What etcd refuses has changed nothing. */
  async change(): Promise<number> {
    const before = this.#isMovingPermitted;
    this.#isMovingPermitted = !before;
    try {
      return await this.#datastore.replace(this.#contents());
    } catch (refused) {
      this.#isMovingPermitted = before;
      throw refused;
    }
  }

  /** Writes what `change` wrote last, with a ClusterInformation that says this. */
  async setReady(isReady: boolean): Promise<number> {
    return this.#datastore.replace(this.#contents(OWN_CLUSTER, isReady));
  }

  /** Writes everything again into an etcd that has nothing of it. */
  async fill(clusterGUID?: string): Promise<number> {
    this.#datastore = new Datastore(this.etcd);
    return this.#datastore.replace(this.#contents(clusterGUID));
  }

  /** Whatever is written from now on goes through another member. */
  useMember(member: Etcd): void {
    const present = this.#contents();
    const moved = new Datastore(member);
    moved.assume(present);
    this.#datastore = moved;
  }

  /** Packets from the daemon to these members vanish, or are answered with a reset, until `rejoin`. */
  async partition(
    how: 'drop' | 'reset',
    members: readonly string[] = MEMBER_ADDRESSES,
  ): Promise<void> {
    const verdict = how === 'drop' ? 'drop' : 'reject with tcp reset';
    await this.lab.hosts.E.namespace.run(
      ['nft', '-f', '-'],
      `table ip partition {
        chain input {
          type filter hook input priority 0;
          ip saddr ${HOST} ip daddr { ${members.join(', ')} } tcp dport 2379 ${verdict}
        }
      }`,
    );
  }

  /** Ends a partition. */
  async rejoin(): Promise<void> {
    await this.lab.hosts.E.namespace.run(['nft', 'delete', 'table', 'ip', 'partition']);
  }

  /** Writes the same object over and over, without a process for each. */
  async flood([key, value]: StoredPair, times: number): Promise<void> {
    const { agent } = this.lab.hosts.E;
    const [encodedKey, encodedValue] = [key, value].map((text) =>
      Buffer.from(text).toString('base64'),
    );
    const body = JSON.stringify({ key: encodedKey, value: encodedValue });
    for (let i = 0; i < times; i++) {
      const { status } = await agent.call('http', { url: `${this.etcd.endpoint}/v3/kv/put`, body });
      assert.equal(status, 200);
    }
  }

  /** Ends the daemon's connection; the next one is let through. */
  async cut(): Promise<void> {
    const { position } = this.daemon;
    await this.partition('reset');
    await this.daemon.waitFor(
      'the cut',
      (lines) => lines.some(({ msg }) => msg.startsWith('etcd connection failed')),
      LOST_MS,
      position,
    );
    await this.rejoin();
  }

  /** Lets clients hammer the host meanwhile; nothing may leak and nothing may be lost. */
  async unharmed(fault: () => Promise<unknown>): Promise<void> {
    const { agent } = this.lab.hosts.C;
    const target = { host: HOST, permitted: PERMITTED, forbidden: FORBIDDEN };
    assertUnharmed(await hammered(agent, target, fault));
  }

  /** Waits until the daemon says that the datastore is lost, and checks what it tells of that. */
  async lost(position: number): Promise<void> {
    await this.daemon.waitFor(
      'the loss',
      (lines) => lines.some(({ msg }) => msg.startsWith('datastore lost')),
      LOST_MS,
      position,
    );
    const { status, body } = await this.health();
    assert.equal(status, 200, `ready for ten minutes, with the rules in force\n${body}`);
    assert.match(body, /etcdv3 out of reach for \d+ s/);
  }

  /** Waits until the daemon is in sync with etcd again, and has decided what that means for the kernel. */
  async found(position: number): Promise<void> {
    const isFound = ({ msg }: LogLine): boolean => msg === 'in sync with etcd';
    await this.daemon.waitFor(
      'the datastore',
      (lines) => lines.slice(lines.findIndex(isFound)).some(isTurn) && lines.some(isFound),
      FOUND_MS,
      position,
    );
    const { status, body } = await this.health();
    assert.equal(status, 200, body);
    assert.match(body, /etcdv3 revision \d+/);
  }

  /** The next change is enforced, and the table is what a fresh start makes, byte for byte. */
  async isAsFresh(): Promise<void> {
    const { daemon } = this;
    // A restored etcd counts its revisions once more: what was said before does not count.
    const { position } = daemon;
    const revision = await this.change();
    const reached = (line: LogLine): boolean => isTurn(line) && line.revision === revision;
    await daemon.waitFor(
      `revision ${revision}`,
      (lines) => lines.some(reached),
      FOUND_MS,
      position,
    );
    assert.equal(await this.moving(), this.#isMovingPermitted ? 'ok' : 'timeout');
    assert.equal(await this.table(), await this.freshTable());
  }

  /** What a client gets from the port that every second state permits. */
  async moving(): Promise<string> {
    const probes = [{ kind: 'tcp', dst: HOST, port: MOVING }] as const;
    const outcomes = await this.lab.hosts.C.agent.call('probe', { probes, timeoutMs: ANSWER_MS });
    return outcomes.join();
  }

  /** Our table on the host. */
  table(): Promise<string> {
    return tableText(this.lab.hosts.A.namespace);
  }

  /** Our table as a daemon makes it that starts now, for the first time. */
  async freshTable(): Promise<string> {
    const { namespace } = this.lab.hosts.F;
    const daemon = this.#newDaemon('F');
    try {
      await daemon.start();
      return await tableText(namespace);
    } finally {
      await daemon.stop();
      await namespace.run(['nft', 'delete', 'table', 'inet', 'rampart']).catch(() => undefined);
    }
  }

  /** What `/readiness` or `/liveness` answers; status 0 when nobody does. */
  async health(
    path: 'readiness' | 'liveness' = 'readiness',
  ): Promise<{ readonly status: number; readonly body: string }> {
    const { agent } = this.lab.hosts.A;
    return agent.call('http', { url: `${HEALTH}/${path}` }).catch(() => ({ status: 0, body: '' }));
  }

  /** Waits until `/readiness` answers with this status; resolves to the text. */
  async readiness(wanted: number, withinMs = 15_000): Promise<string> {
    const until = Date.now() + withinMs;
    for (;;) {
      const { status, body } = await this.health();
      if (status === wanted) return body;
      assert.ok(Date.now() < until, `/readiness is ${status}, not ${wanted}: ${body}`);
      await delay(50);
    }
  }

  async stop(): Promise<void> {
    await this.daemon.stop();
    await Promise.all(this.members.map((member) => member.stop()));
    await this.lab.dispose();
  }

  #newDaemon(host: 'A' | 'F'): Daemon {
    return new Daemon({
      netns: this.lab.hosts[host].namespace,
      nodeName: 'hosta',
      etcdEndpoint: this.#endpoints,
      env: this.#environment,
    });
  }

  #contents(clusterGUID = OWN_CLUSTER, isReady = true): readonly StoredPair[] {
    const moving = opening(this.#isMovingPermitted ? MOVING : MOVING + 1);
    return [clusterInformation(clusterGUID, isReady), ...protection(), moving].map(stored);
  }
}

async function startMembers(
  netns: string,
  { members = 1, etcd }: EtcdBenchOptions,
): Promise<readonly Etcd[]> {
  const options = MEMBER_ADDRESSES.slice(0, members).map((listen) => ({ ...etcd, netns, listen }));
  const [only] = options;
  return members === 1 && only !== undefined ? [await startEtcd(only)] : startEtcdCluster(options);
}

function isTurn({ msg }: LogLine): boolean {
  return msg === 'applied' || msg === 'unchanged';
}

function opening(port: number): CalicoObject {
  const ingress = [{ action: 'Allow', protocol: 'TCP', destination: { ports: [port] } }];
  const spec = { selector: "role == 'edge'", types: ['Ingress'], ingress };
  return { kind: 'GlobalNetworkPolicy', metadata: { name: 'moving' }, spec };
}

function clusterInformation(clusterGUID: string, datastoreReady: boolean): CalicoObject {
  const spec = { clusterGUID, datastoreReady };
  return { kind: 'ClusterInformation', metadata: { name: 'default' }, spec };
}

function plan<Name extends string>(
  name: Name,
  addresses: readonly string[],
  tcp: readonly number[],
): { readonly name: Name } & Parameters<typeof buildLab>[0][number] {
  return { name, interfaces: [{ name: 'eth0', lan: 'lan0', addresses }], tcp };
}
