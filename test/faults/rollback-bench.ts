import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createControlClient } from '../../src/control/client.ts';
import type { ControlClient } from '../../src/control/client.ts';
import { SOCKET_NAME } from '../../src/control/wire.ts';
import type { StatusAnswer } from '../../src/control/wire.ts';
import { stored } from '../support/calico.ts';
import type { CalicoObject } from '../support/calico.ts';
import { Daemon } from '../support/daemon.ts';
import { Datastore } from '../support/datastore.ts';
import { startEtcd } from '../support/etcd.ts';
import type { Etcd } from '../support/etcd.ts';
import { buildLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';

const HOST = '10.0.1.1';
const ETCD = '10.0.1.11';
/** Permitted by the policy `moving` of each state. */
const PORT = 8055;
const OTHER_PORT = 8056;
const SSH = 22;
const LIMIT_MS = 30_000;

const ALWAYS: readonly CalicoObject[] = [
  {
    kind: 'ClusterInformation',
    metadata: { name: 'default' },
    spec: { clusterGUID: 'a0000000000000000000000000000001', datastoreReady: true },
  },
  {
    kind: 'FelixConfiguration',
    metadata: { name: 'default' },
    spec: { failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] },
  },
  {
    kind: 'HostEndpoint',
    metadata: { name: 'edge', labels: { role: 'edge' } },
    spec: { node: 'hosta', interfaceName: 'eth0' },
  },
];

/** Lets SSH, `port` and everything outgoing pass. */
export function opening(port: number): CalicoObject {
  return policy('moving', {
    order: 100,
    types: ['Ingress', 'Egress'],
    ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [SSH, port] } }],
    egress: [{ action: 'Allow' }],
  });
}

/** Forbids new connections to etcd. */
export const CUTS_ETCD = policy('cut', {
  order: 1,
  types: ['Egress'],
  egress: [{ action: 'Deny', protocol: 'TCP', destination: { ports: [2379] } }],
});

/** Drops SSH before connection tracking has a say. */
export const CUTS_SSH = policy('cut', {
  order: 1,
  types: ['Ingress'],
  doNotTrack: true,
  applyOnForward: true,
  ingress: [{ action: 'Deny', protocol: 'TCP', destination: { ports: [SSH] } }],
});

function policy(name: string, spec: CalicoObject['spec']): CalicoObject {
  return {
    kind: 'GlobalNetworkPolicy',
    metadata: { name },
    spec: { tier: 'default', selector: "role == 'edge'", ...spec },
  };
}

/** A host A without failsafe ports that the real daemon protects from a real etcd on E, and a client C. */
export class RollbackBench {
  readonly lab: Lab<'A' | 'C' | 'E'>;
  readonly daemon: Daemon;
  readonly client: ControlClient;
  readonly #etcd: Etcd;
  readonly #datastore: Datastore;

  private constructor(
    lab: Lab<'A' | 'C' | 'E'>,
    etcd: Etcd,
    env: Readonly<Record<string, string>>,
  ) {
    this.lab = lab;
    this.#etcd = etcd;
    this.#datastore = new Datastore(etcd);
    const netns = lab.hosts.A.namespace;
    this.daemon = new Daemon({ netns, nodeName: 'hosta', etcdEndpoint: etcd.endpoint, env });
    this.client = createControlClient(`${this.daemon.runDir}/${SOCKET_NAME}`);
  }

  /** Starts everything with PORT open; on failure nothing is left. */
  static async start(env: Readonly<Record<string, string>>): Promise<RollbackBench> {
    const lab = await buildLab([
      host('A', HOST, [SSH, PORT, OTHER_PORT]),
      host('C', '10.0.1.9', []),
      host('E', ETCD, []),
    ]);
    let etcd: Etcd | null = null;
    try {
      etcd = await startEtcd({ netns: lab.hosts.E.namespace.name, listen: ETCD });
      const bench = new RollbackBench(lab, etcd, env);
      await bench.store(opening(PORT));
      await bench.daemon.start();
      return bench;
    } catch (thrown) {
      await etcd?.stop();
      await lab.dispose();
      throw thrown;
    }
  }

  /** Makes these the policies of the datastore; resolves to the revision. */
  async store(...policies: readonly CalicoObject[]): Promise<number> {
    return this.#datastore.replace([...ALWAYS, ...policies].map(stored));
  }

  /** The same, and waits until the daemon has taken it in. */
  async apply(...policies: readonly CalicoObject[]): Promise<void> {
    await this.daemon.settled(await this.store(...policies));
  }

  /** Waits until the daemon says so, after `position`. */
  async said(what: RegExp, position: number, withinMs = 30_000): Promise<void> {
    await this.daemon.waitFor(
      String(what),
      (lines) => lines.some(({ msg }) => what.test(msg)),
      withinMs,
      position,
    );
  }

  /** Whether a process of the host can begin a connection to etcd. */
  async reachesEtcd(): Promise<boolean> {
    const knock = `timeout 1 bash -c '</dev/tcp/${ETCD}/2379'`;
    const { namespace } = this.lab.hosts.A;
    return (await namespace.run(['bash', '-c', `${knock} && echo yes || echo no`])) === 'yes\n';
  }

  /** Whether the client reaches a port of the host. */
  async isOpen(port: 'port' | 'other' | 'ssh'): Promise<boolean> {
    const number = { port: PORT, other: OTHER_PORT, ssh: SSH }[port];
    const { agent } = this.lab.hosts.C;
    const probes = [{ kind: 'tcp', dst: HOST, port: number }] as const;
    return (await agent.call('probe', { probes, timeoutMs: 1000 })).join() === 'ok';
  }

  /** Opens a session to the SSH port, as a client that stays. */
  async login(name: string): Promise<void> {
    const { agent } = this.lab.hosts.C;
    const probe = { kind: 'tcp', dst: HOST, port: SSH } as const;
    assert.equal(await agent.call('open', { name, probe, timeoutMs: 2000 }), 'ok');
  }

  /** Whether that session still answers. */
  async isAlive(name: string): Promise<boolean> {
    const { agent } = this.lab.hosts.C;
    return (await agent.call('exchange', { name, timeoutMs: 3000 })) === 'ok';
  }

  /** Waits until the rules in force count as good. */
  async settled(): Promise<void> {
    await this.until(({ rollback }) => rollback.state === 'normal');
  }

  /** Waits until the rules of before are in the kernel. */
  async restored(): Promise<void> {
    await this.until(
      ({ rollback, rulesInForce }) =>
        rollback.state === 'rolled-back' && rulesInForce === 'last-good',
    );
  }

  /** Waits until this alarm is raised. */
  async alarmed(wanted: string): Promise<void> {
    await this.until(({ alarms }) => alarms.some(({ code }) => code === wanted));
  }

  status(): Promise<StatusAnswer> {
    return this.client.status();
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.daemon.stop();
    await this.#etcd.stop();
    await this.lab.dispose();
  }

  private async until(condition: (status: StatusAnswer) => boolean): Promise<void> {
    const end = Date.now() + LIMIT_MS;
    for (;;) {
      const status = await this.status();
      if (condition(status)) return;
      assert.ok(
        Date.now() < end,
        JSON.stringify([status.rollback, status.rulesInForce, status.alarms]),
      );
      await delay(20);
    }
  }
}

function host<Name extends string>(
  name: Name,
  address: string,
  tcp: readonly number[],
): { readonly name: Name } & Parameters<typeof buildLab>[0][number] {
  return { name, interfaces: [{ name: 'eth0', lan: 'lan0', addresses: [`${address}/24`] }], tcp };
}
