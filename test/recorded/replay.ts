import { stored } from '../support/calico.ts';
import { forgetConnections } from '../support/conntrack.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { Datastore } from '../support/datastore.ts';
import { type Etcd, startEtcd } from '../support/etcd.ts';
import { type Lab, macOf } from '../support/lab.ts';
import type { Outcome, Probe } from '../support/probe.ts';
import { FELIX_OUTPUT_BUG, imitateOutputBug } from './felix-output-bug.ts';
import { knownReason } from './known-differences.ts';
import type { RecordedProbe, Scenario } from './recording.ts';
import { buildRecordedLab, ETCD_ADDRESS, type RecordedHost } from './topology.ts';

const PROBE_TIMEOUT_MS = 800;
const SENDERS = ['ext', 'host', 'srv'] as const;
// Exact parity: the recorded agent does nothing for neighbour discovery.
const PARITY = { RAMPART_NEIGHBOUR_DISCOVERY_KEEP_ALIVE: 'false' } as const;

/** One probe that came out otherwise than recorded. */
export interface Difference {
  readonly scenario: string;
  readonly probe: RecordedProbe;
  readonly expected: string;
  readonly got: Outcome;
  /** Why that is meant to be so, if it is. */
  readonly known: string | undefined;
}

/** The recorded topology with one real etcd and one real daemon, used for scenario after scenario. */
export class Replayer {
  readonly #lab: Lab<RecordedHost>;
  readonly #etcd: Etcd;
  readonly #datastore: Datastore;
  #daemon: Daemon | undefined;

  private constructor(lab: Lab<RecordedHost>, etcd: Etcd) {
    this.#lab = lab;
    this.#etcd = etcd;
    this.#datastore = new Datastore(etcd);
  }

  /** Builds the network and starts etcd; the daemon starts with the first scenario. */
  static async start(): Promise<Replayer> {
    const lab = await buildRecordedLab();
    try {
      await knowTheHost(lab);
      const netns = lab.hosts.mgmt.namespace.name;
      return new Replayer(lab, await startEtcd({ netns, listen: ETCD_ADDRESS }));
    } catch (thrown) {
      await lab.dispose();
      throw thrown;
    }
  }

  async dispose(): Promise<void> {
    await this.#daemon?.stop();
    await this.#etcd.stop();
    await this.#lab.dispose();
  }

  /** Stores a scenario, waits until the kernel holds it, probes, and returns what differs. */
  async replay(scenario: Scenario): Promise<readonly Difference[]> {
    const pairs = [...scenario.resources.map(stored), ...(scenario.raw ?? [])];
    const revision = await this.#datastore.replace(pairs);
    await this.#settled(revision);
    await this.#forget();
    const differences = compare(scenario, await this.#probe(scenario.probes));
    if (!hasUnknown(differences)) return differences;
    const explained = await this.#explainedByOutputBug(scenario, differences);
    return hasUnknown(explained) ? this.#oneByOne(explained) : explained;
  }

  /**
   * Sends what differs once more, one probe after another, the last first, and returns what differs again.
   * Where policy denies neighbour discovery to some addresses of the host, the first packet to a neighbour
   * decides whether it is found: a record holds one order of what was sent at once.
   */
  async #oneByOne(differences: readonly Difference[]): Promise<readonly Difference[]> {
    await this.#forget();
    const remaining: Difference[] = [];
    for (const one of [...differences].reverse()) {
      const [got] = one.known === undefined ? await this.#probe([one.probe]) : [one.got];
      if ((got === 'ok') !== (one.expected === 'ok')) remaining.unshift(one);
    }
    return remaining;
  }

  /** The ruleset in force on the host, for a report. */
  ruleset(): Promise<string> {
    return this.#lab.hosts.host.namespace.run(['nft', 'list', 'ruleset']);
  }

  /** Probes once more with Felix's bug in our ruleset: a difference that is gone then, is that bug. */
  async #explainedByOutputBug(
    scenario: Scenario,
    differences: readonly Difference[],
  ): Promise<readonly Difference[]> {
    const { namespace } = this.#lab.hosts.host;
    this.#daemon?.pause();
    try {
      const restore = await imitateOutputBug(namespace);
      await this.#forget();
      const left = compare(scenario, await this.#probe(scenario.probes));
      await restore();
      return differences.map((one) => {
        const remains = left.some(({ probe }) => probe === one.probe);
        return remains ? one : { ...one, known: one.known ?? FELIX_OUTPUT_BUG };
      });
    } finally {
      this.#daemon?.resume();
    }
  }

  async #settled(revision: number): Promise<void> {
    this.#daemon ??= await this.#startDaemon();
    try {
      await this.#daemon.settled(revision);
    } catch (thrown) {
      // One scenario that stops the daemon must not spoil the rest.
      await this.#daemon.stop();
      this.#daemon = undefined;
      await this.#lab.hosts.host.namespace
        .run(['nft', 'delete', 'table', 'inet', 'rampart'])
        .catch(() => '');
      throw thrown;
    }
  }

  #startDaemon(): Promise<Daemon> {
    return startDaemon({
      netns: this.#lab.hosts.host.namespace,
      nodeName: 'host',
      etcdEndpoint: this.#etcd.endpoint,
      env: PARITY,
    });
  }

  async #forget(): Promise<void> {
    const { namespace } = this.#lab.hosts.host;
    const flush = (device: string): Promise<string> =>
      namespace.run(['ip', '-6', 'neigh', 'flush', 'dev', device]);
    await Promise.all([
      forgetConnections(namespace, ['198.51.100.0/24', '203.0.113.0/24', '127.0.0.0/8']),
      flush('eth0'),
      flush('eth1'),
    ]);
  }

  async #probe(probes: readonly RecordedProbe[]): Promise<readonly Outcome[]> {
    const byIndex = new Map<number, Outcome>();
    const send = async (sender: RecordedProbe['ns']): Promise<void> => {
      const own = probes.flatMap((probe, index) => (probe.ns === sender ? [{ probe, index }] : []));
      const outcomes = await this.#lab.hosts[sender].agent.call('probe', {
        probes: own.map(({ probe }) => toProbe(probe)),
        timeoutMs: PROBE_TIMEOUT_MS,
      });
      own.forEach(({ index }, i) => byIndex.set(index, outcomes[i] ?? 'timeout'));
    };
    await Promise.all(SENDERS.map(send));
    return probes.map((_, index) => byIndex.get(index) ?? 'timeout');
  }
}

// When the scenarios were recorded the others had talked to the host before, so they knew its link-layer
// addresses; only the host had forgotten theirs. Without this a scenario depends on the one before it.
async function knowTheHost(lab: Lab<RecordedHost>): Promise<void> {
  const ports = [
    { other: lab.hosts.ext, port: 'eth0', address: '2001:db8:1::1' },
    { other: lab.hosts.srv, port: 'eth1', address: '2001:db8:2::1' },
  ];
  for (const { other, port, address } of ports) {
    const lladdr = macOf('host', port);
    await other.namespace.run([
      'ip',
      'neigh',
      'replace',
      address,
      'lladdr',
      lladdr,
      'dev',
      'eth0',
      'nud',
      'permanent',
    ]);
  }
}

function hasUnknown(differences: readonly Difference[]): boolean {
  return differences.some(({ known }) => known === undefined);
}

function compare(scenario: Scenario, outcomes: readonly Outcome[]): readonly Difference[] {
  return scenario.probes.flatMap((probe, i) => {
    const expected = scenario.expect[i] ?? '';
    const got = outcomes[i] ?? 'timeout';
    if ((expected === 'ok') === (got === 'ok')) return [];
    const known = knownReason(scenario.name, probe);
    return [{ scenario: scenario.name, probe, expected, got, known }];
  });
}

function toProbe(recorded: RecordedProbe): Probe {
  const { dst, proto, port = 0 } = recorded;
  const from = recorded.src === undefined ? {} : { src: recorded.src };
  return proto === 'icmp' ? { kind: 'icmp', dst, ...from } : { kind: proto, dst, port, ...from };
}

/** One line for a difference: the scenario, the probe, what was recorded, what came out. */
export function formatDifference(difference: Difference): string {
  const { scenario, probe, expected, got, known } = difference;
  const from = probe.src === undefined ? probe.ns : `${probe.ns} (${probe.src})`;
  const port = probe.port === undefined ? '' : `/${probe.port}`;
  const why = known === undefined ? '' : `  [known: ${known}]`;
  return `${scenario}: ${from} → ${probe.dst} ${probe.proto}${port}: expected ${expected}, got ${got}${why}`;
}
