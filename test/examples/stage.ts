import { join } from 'node:path';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { buildLab, type HostPlan, type Lab, type LabHost } from '../support/lab.ts';
import type { Outcome, Probe } from '../support/probe.ts';
import { EXAMPLES, type Example, type ExampleHost, type Statement } from './readme.ts';

type Place = 'first' | 'second' | 'clients' | 'inside';

const PATIENCE_MS = { allowed: 2000, denied: 600 } as const;
const TCP = [22, 53, 80, 443, 873, 5432, 8080, 8443];
const UDP = [53, 5353];

const lan0 = (...hosts: readonly number[]): HostPlan['interfaces'][number] => ({
  name: 'eth0',
  lan: 'lan0',
  addresses: hosts.flatMap((host) => [`192.0.2.${host}/24`, `2001:db8::${host}/64`]),
});
const lan1 = (name: string, host: number): HostPlan['interfaces'][number] => ({
  name,
  lan: 'lan1',
  addresses: [`198.51.100.${host}/24`, `2001:db8:1::${host}/64`],
});
const servers = { tcp: TCP, udp: UDP };
const routers = ['192.0.2.10', '2001:db8::10'];

// The first host is also the router to a network behind it; the clients' addresses are all on one machine.
const PLANS: readonly (HostPlan & { readonly name: Place })[] = [
  { name: 'first', interfaces: [lan0(10), lan1('eth1', 1)], forwards: true, ...servers },
  { name: 'second', interfaces: [lan0(11)], routers, ...servers },
  { name: 'clients', interfaces: [lan0(20, 21, 22, 23)], routers, ...servers },
  {
    name: 'inside',
    interfaces: [lan1('eth0', 50)],
    routers: ['198.51.100.1', '2001:db8:1::1'],
    ...servers,
  },
];

/** The network on which every example plays, one after another. */
export class ExampleStage {
  readonly #lab: Lab<Place>;
  #daemons: readonly Daemon[] = [];

  private constructor(lab: Lab<Place>) {
    this.#lab = lab;
  }

  static async build(): Promise<ExampleStage> {
    return new ExampleStage(await buildLab(PLANS));
  }

  async dispose(): Promise<void> {
    await this.clear();
    await this.#lab.dispose();
  }

  /** Starts the daemon on the manifests of an example, on every host that runs it there. */
  async play({ name, hosts }: Example): Promise<void> {
    const env = {
      DATASTORE_TYPE: 'file',
      RAMPART_DATASTORE_DIRECTORY: join(EXAMPLES, name),
    };
    const protectedHosts = hosts.filter(({ runsRampart }) => runsRampart);
    this.#daemons = await Promise.all(
      protectedHosts.map((host) =>
        startDaemon({
          netns: this.host(host).namespace,
          nodeName: host.name,
          etcdEndpoint: '',
          env,
        }),
      ),
    );
  }

  /** Stops the daemons and takes away all rules and connections. */
  async clear(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
    this.#daemons = [];
    for (const { namespace } of Object.values<LabHost>(this.#lab.hosts)) {
      await namespace.run(['nft', 'flush', 'ruleset']);
      await namespace.run(['sh', '-c', 'conntrack -F 2>&1']);
    }
  }

  /** Who plays a host: its address says which. */
  host({ name, addresses }: ExampleHost): LabHost {
    const place = Object.values<LabHost>(this.#lab.hosts).find(({ plan }) =>
      plan.interfaces.some((one) =>
        one.addresses.some((address) => address.startsWith(`${addresses[4]}/`)),
      ),
    );
    if (place === undefined) throw new Error(`nobody has ${name}'s address ${addresses[4]}`);
    return place;
  }

  /** What is wrong with a statement, family by family. */
  async complaints(statement: Statement): Promise<readonly string[]> {
    const complaints = statement.families.map(async (family) => {
      const outcome = await this.#outcome(statement, family);
      const verdict = VERDICTS[outcome] ?? outcome;
      if (verdict === statement.verdict) return [];
      return [
        `${statement.text} (IPv${family}): ${statement.verdict} by the README, ${verdict} here`,
      ];
    });
    return (await Promise.all(complaints)).flat();
  }

  async #outcome({ from, to, service, verdict }: Statement, family: 4 | 6): Promise<Outcome> {
    const ends = { src: from.addresses[family], dst: to.addresses[family] };
    const probe: Probe =
      service.kind === 'ping' ? { kind: 'icmp', ...ends } : { ...service, ...ends };
    const request = { probes: [probe], timeoutMs: PATIENCE_MS[verdict] };
    const [outcome = 'timeout'] = await this.host(from).agent.call('probe', request);
    return outcome;
  }
}

const VERDICTS: Readonly<Partial<Record<Outcome, string>>> = {
  ok: 'allowed',
  timeout: 'denied',
  eperm: 'denied',
};
