import { createHash } from 'node:crypto';
import { type Agent, startAgent } from './agent-client.ts';
import { linkIsUsed, portForwards } from './link.ts';
import { type Namespace, NamespaceGroup, sweepNamespaces } from './netns.ts';

/** An interface of a host: the LAN it is plugged into and its addresses with prefix length. */
export interface InterfacePlan {
  readonly name: string;
  readonly lan: string;
  readonly addresses: readonly string[];
}

/** A host: its interfaces, whether it forwards, its default routers, and what its echo servers listen on. */
export interface HostPlan {
  readonly name: string;
  readonly interfaces: readonly InterfacePlan[];
  readonly forwards?: boolean;
  readonly routers?: readonly string[];
  /** Addresses beside those of the interfaces, such as 127.0.0.1. */
  readonly alsoListens?: readonly string[];
  readonly tcp?: readonly number[];
  readonly udp?: readonly number[];
  /** A ruleset of another owner, as `nft -f` takes it. */
  readonly nft?: string;
}

/** A host that stands. */
export interface LabHost {
  readonly plan: HostPlan;
  readonly namespace: Namespace;
  readonly agent: Agent;
}

/** A network of hosts; nothing of it is reachable from outside. */
export interface Lab<Name extends string = string> {
  readonly id: string;
  readonly hosts: Readonly<Record<Name, LabHost>>;
  /** Every host is plugged into bridges of this namespace. */
  readonly switch: Namespace;
  /** Makes an interface of a host (again), plugged in, with its addresses; resolves when it carries packets. */
  plug(host: Name, interfaceName: string): Promise<void>;
  dispose(): Promise<void>;
}

/** Builds the network and starts the agents with their echo servers; on failure nothing is left. */
export async function buildLab<Name extends string>(
  plans: readonly (HostPlan & { readonly name: Name })[],
): Promise<Lab<Name>> {
  await sweepNamespaces();
  const group = new NamespaceGroup();
  try {
    const lanSwitch = await group.add('lan');
    const namespaces = await Promise.all(plans.map((plan) => group.add(plan.name)));
    await configureSwitch(lanSwitch, plans);
    const hosts = await Promise.all(
      plans.map((plan, i) => startHost(plan, at(namespaces, i), lanSwitch)),
    );
    const byName = Object.fromEntries(hosts.map((host) => [host.plan.name, host]));
    return {
      id: group.id,
      hosts: byName as Record<Name, LabHost>,
      switch: lanSwitch,
      plug: (name, interfaceName) => replug(byName[name], interfaceName, lanSwitch),
      dispose: () => group.dispose(),
    };
  } catch (thrown) {
    await group.dispose();
    throw thrown;
  }
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}

async function configureSwitch(lanSwitch: Namespace, plans: readonly HostPlan[]): Promise<void> {
  const lans = new Set(plans.flatMap((plan) => plan.interfaces.map((one) => one.lan)));
  // No router, no listener: the switch must not answer, and must pass neighbour discovery unfiltered.
  await setSysctls(lanSwitch, {
    'net/ipv6/conf/all/disable_ipv6': '1',
    'net/ipv6/conf/default/disable_ipv6': '1',
  });
  const lines = [...lans].flatMap((lan) => [
    `link add ${lan} type bridge mcast_snooping 0`,
    `link set ${lan} up`,
  ]);
  await lanSwitch.run(['ip', '-batch', '-'], lines.join('\n'));
}

async function startHost(
  plan: HostPlan,
  namespace: Namespace,
  lanSwitch: Namespace,
): Promise<LabHost> {
  const agentStarted = startAgent(namespace);
  agentStarted.catch(() => undefined);
  await setSysctls(namespace, hostSysctls(plan.forwards === true));
  const lines = plan.interfaces.map((one) => vethLine(plan, one, namespace));
  await lanSwitch.run(['ip', '-batch', '-'], lines.join('\n'));
  await namespace.run(['ip', '-batch', '-'], configurationLines(plan).join('\n'));
  if (plan.nft !== undefined) await namespace.run(['nft', '-f', '-'], plan.nft);
  const agent = await agentStarted;
  await agent.call('listen', {
    addresses: [...(plan.alsoListens ?? []), ...addressesOf(plan)],
    tcp: plan.tcp ?? [],
    udp: plan.udp ?? [],
  });
  return { plan, namespace, agent };
}

async function replug(
  host: LabHost | undefined,
  interfaceName: string,
  lanSwitch: Namespace,
): Promise<void> {
  const one = host?.plan.interfaces.find((candidate) => candidate.name === interfaceName);
  if (host === undefined || one === undefined) throw new Error(`no plan for ${interfaceName}`);
  await lanSwitch.run(['ip', '-batch', '-'], vethLine(host.plan, one, host.namespace));
  const lines = [...interfaceLines(one), ...routeLines(host.plan)];
  await host.namespace.run(['ip', '-batch', '-'], lines.join('\n'));
  await linkIsUsed(host.namespace, one.name);
  await portForwards(lanSwitch, portOf(host.plan, one));
}

/** The addresses of a host without their prefix lengths. */
export function addressesOf(plan: HostPlan): readonly string[] {
  const withPrefix = plan.interfaces.flatMap((one) => one.addresses);
  return withPrefix.map((address) => address.split('/')[0] ?? address);
}

function vethLine(plan: HostPlan, one: InterfacePlan, namespace: Namespace): string {
  const port = portOf(plan, one);
  return [
    `link add ${port} type veth peer name ${one.name} address ${macOf(plan.name, one.name)} netns ${namespace.name}`,
    `link set ${port} master ${one.lan} up`,
  ].join('\n');
}

function portOf(plan: HostPlan, one: InterfacePlan): string {
  return `${plan.name}-${one.name}`;
}

/** The link-layer address of a host's interface; making the interface again does not change it. */
export function macOf(host: string, interfaceName: string): string {
  const hash = createHash('sha256').update(`${host} ${interfaceName}`).digest();
  return [0x02, ...hash.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function configurationLines(plan: HostPlan): readonly string[] {
  return ['link set lo up', ...plan.interfaces.flatMap(interfaceLines), ...routeLines(plan)];
}

function interfaceLines(one: InterfacePlan): readonly string[] {
  return [`link set ${one.name} up`, ...one.addresses.map((address) => addressLine(one, address))];
}

function addressLine(one: InterfacePlan, address: string): string {
  const line = `address add ${address} dev ${one.name}`;
  if (!address.includes(':')) return line;
  // The kernel would take the address added last as the source; it is to be the first, as with IPv4.
  const isFirst = address === one.addresses.find((candidate) => candidate.includes(':'));
  return `${line} nodad${isFirst ? '' : ' preferred_lft 0'}`;
}

function routeLines(plan: HostPlan): readonly string[] {
  return (plan.routers ?? []).map((router) => `route replace default via ${router}`);
}

function hostSysctls(forwards: boolean): Readonly<Record<string, string>> {
  const conf = (family: 'ipv4' | 'ipv6', key: string, value: string): [string, string][] =>
    ['all', 'default'].map((scope) => [`net/${family}/conf/${scope}/${key}`, value]);
  return Object.fromEntries([
    ...conf('ipv6', 'accept_dad', '0'),
    ...conf('ipv6', 'accept_ra', '0'),
    ...conf('ipv6', 'keep_addr_on_down', '1'),
    ...conf('ipv4', 'rp_filter', '0'),
    ...conf('ipv4', 'send_redirects', '0'),
    ...conf('ipv4', 'accept_redirects', '0'),
    // A denied batch may cause many ICMP errors at once; each must be sent.
    ['net/ipv4/icmp_ratelimit', '0'],
    ['net/ipv6/icmp/ratelimit', '0'],
    ...(forwards ? [['net/ipv4/ip_forward', '1'], ...conf('ipv6', 'forwarding', '1')] : []),
  ]) as Record<string, string>;
}

async function setSysctls(
  namespace: Namespace,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(values).map(([key, value]) => `echo ${value} > /proc/sys/${key}`);
  await namespace.run(['sh', '-e'], lines.join('\n'));
}
