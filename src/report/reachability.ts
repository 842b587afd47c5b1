import type { ExplainSettings } from '../explain/explain-settings.ts';
import { explainPacket } from '../explain/explain.ts';
import type { Packet } from '../explain/explain.ts';
import type { LocalEndpoint, LocalPolicy, Rule } from '../policy/local-policy.ts';
import { addressConditions, failsafeConditions } from './asked-addresses.ts';
import type { NamedCondition } from './asked-addresses.ts';
import { atomsOf } from './peer-atoms.ts';
import type { Atom } from './peer-atoms.ts';
import { serviceLabel } from './service-label.ts';
import { serviceClasses } from './services.ts';
import type { Headers, ServiceClass } from './services.ts';

/** `partly`: some packets pass and others do not. `nobody`: the group has no address that could be asked about. */
export type Cell = 'allow' | 'deny' | 'partly' | 'nobody';

/** Whom rules name on the other side; `*` is everybody whom none of them names. */
export interface PeerGroup {
  readonly key: string;
  readonly label: string;
}

/** Services that fare alike with every group. */
export interface Service {
  readonly label: string;
  readonly classes: readonly Omit<ServiceClass, 'packets'>[];
}

/**
 * Who may begin a connection to this host (ingress) or be reached from it (egress) through one endpoint. Every cell
 * is the outcome of evaluating a packet for each way in which packets can differ for the rules, not of reading them.
 * A packet uses the interface that has the local address, and is not translated by others.
 */
export interface Reachability {
  readonly endpoint: string;
  readonly interfaces: readonly string[];
  readonly direction: 'ingress' | 'egress';
  readonly peers: readonly PeerGroup[];
  readonly services: readonly Service[];
  /** By peer, then by service. */
  readonly cells: readonly (readonly Cell[])[];
  /** How many packets were evaluated. */
  readonly packets: number;
  /** Why there are no cells; null: there are. */
  readonly problem: string | null;
}

/** An interface of this host, as far as packets are concerned. */
export interface LocalInterface {
  readonly name: string;
  readonly addresses: readonly string[];
  /** The endpoint that governs it; null: none. */
  readonly endpoint: string | null;
}

export interface ReachabilityInput {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
  readonly interfaces: readonly LocalInterface[];
}

const MOST_PACKETS = 200_000;

/** Both directions of every endpoint that governs an interface with addresses. */
export function reachability(input: ReachabilityInput): readonly Reachability[] {
  return input.policy.endpoints.flatMap((endpoint) =>
    (['ingress', 'egress'] as const).flatMap((direction) => {
      const { name } = endpoint.hostEndpoint;
      const own = input.interfaces.filter((one) => one.endpoint === name);
      const used = own.filter(({ addresses }) => addresses.length > 0);
      return used.length === 0
        ? []
        : [tableOf({ ...input, endpoint, direction, interfaces: used })];
    }),
  );
}

interface Question extends ReachabilityInput {
  readonly endpoint: LocalEndpoint;
  readonly direction: 'ingress' | 'egress';
}

function tableOf(question: Question): Reachability {
  const { endpoint, direction, interfaces, policy, settings } = question;
  const rules = rulesOf(endpoint, policy.endpoints, direction);
  const [far, near] = direction === 'ingress' ? SIDES : ([...SIDES].reverse() as [Side, Side]);
  const failsafes = [...settings.failsafeInbound, ...settings.failsafeOutbound];
  const asked = addressConditions(rules, far, policy.sets);
  const conditions = [...asked, ...failsafeConditions(failsafes)];
  const atoms = ([4, 6] as const).flatMap((family) => atomsOf(family, conditions));
  const locals = localsOf(interfaces, addressConditions(rules, near, policy.sets));
  const classes = serviceClasses(rules, policy.sets, settings);
  const peers = peersOf(asked);
  const each = classes.reduce((sum, { packets }) => sum + packets.length, 0);
  const packets = each * atoms.length * locals.length;
  const head = {
    endpoint: endpoint.hostEndpoint.name,
    interfaces: interfaces.map(({ name }) => name),
    ...{ direction, packets },
  };
  if (packets > MOST_PACKETS) {
    const problem = `the rules tell ${packets} kinds of packets apart, more than the ${MOST_PACKETS} that a report evaluates: ask "rampartctl explain" about single ones`;
    return { ...head, peers: [], services: [], cells: [], packets: 0, problem };
  }
  const columns = classes.map((one) => columnOf(question, { one, atoms, locals, peers }));
  return { ...head, peers, ...merged(classes, columns, peers.length), problem: null };
}

type Side = 'source' | 'destination';
const SIDES: readonly [Side, Side] = ['source', 'destination'];

// The endpoint of all interfaces may be asked for one with its own in the pre-DNAT stage.
function rulesOf(
  endpoint: LocalEndpoint,
  all: readonly LocalEndpoint[],
  direction: 'ingress' | 'egress',
): readonly Rule[] {
  const others = all.filter((one) => one.interfaces === '*' && one !== endpoint);
  const tiers = [
    ...[endpoint.untracked, endpoint.preDNAT, endpoint.normal].flat(),
    ...others.flatMap(({ preDNAT }) => preDNAT),
  ];
  return [
    ...tiers.flatMap((tier) => tier[direction]).flatMap((policy) => policy[direction]),
    ...endpoint.profiles.flatMap(({ profile }) => profile?.rules?.[direction] ?? []),
  ];
}

function peersOf(asked: readonly NamedCondition[]): readonly PeerGroup[] {
  const named = asked.flatMap(({ key, label }) => (label === null ? [] : [{ key, label }]));
  const label = named.length === 0 ? 'everybody' : 'everybody else';
  return [...named, { key: '*', label }];
}

interface Local {
  readonly name: string;
  readonly address: string;
  readonly family: 4 | 6;
}

// One address stands for all that rules cannot tell apart.
function localsOf(
  interfaces: readonly LocalInterface[],
  conditions: readonly NamedCondition[],
): readonly Local[] {
  const found = new Map<string, Local>();
  for (const { name, addresses } of interfaces)
    for (const address of addresses) {
      const family = address.includes(':') ? 6 : 4;
      const own = { key: 'own', members: [address] };
      const atom = atomsOf(family, [...conditions, own]).find(({ holds }) => holds.has('own'));
      const signature = `${family} ${[...(atom?.holds ?? [])].sort().join('\n')}`;
      if (!found.has(signature)) found.set(signature, { name, address, family });
    }
  return [...found.values()];
}

interface ColumnQuestion {
  readonly one: ServiceClass;
  readonly atoms: readonly Atom[];
  readonly locals: readonly Local[];
  readonly peers: readonly PeerGroup[];
}

function columnOf(question: Question, column: ColumnQuestion): readonly Cell[] {
  const { one, atoms, locals, peers } = column;
  const seen = peers.map(() => ({ allow: false, deny: false }));
  for (const atom of atoms) {
    const verdicts = verdictsOf(question, one, atom, locals);
    for (const [i, { key }] of peers.entries()) {
      const cell = seen[i];
      if (cell === undefined || !isOf(atom, key, peers)) continue;
      cell.allow ||= verdicts.has('allow');
      cell.deny ||= verdicts.has('deny');
    }
  }
  return seen.map(({ allow, deny }) =>
    allow && deny ? 'partly' : allow ? 'allow' : deny ? 'deny' : 'nobody',
  );
}

function isOf({ holds }: Atom, key: string, peers: readonly PeerGroup[]): boolean {
  return key === '*' ? !peers.some((one) => holds.has(one.key)) : holds.has(key);
}

function verdictsOf(
  { policy, settings, direction }: Question,
  { packets }: ServiceClass,
  { family, address }: Atom,
  locals: readonly Local[],
): ReadonlySet<'allow' | 'deny'> {
  const verdicts = new Set<'allow' | 'deny'>();
  for (const local of locals.filter((one) => one.family === family))
    for (const headers of packets) {
      if (headers.family !== null && headers.family !== family) continue;
      const packet = packetOf(headers, direction, local, address);
      verdicts.add(explainPacket({ policy, settings, packet }).verdict);
      if (verdicts.size === 2) return verdicts;
    }
  return verdicts;
}

// Neighbour discovery comes from this link.
const LINK_HOPS = 255;

function packetOf(
  { protocol, sourcePort, destinationPort, icmpType, icmpCode }: Headers,
  direction: 'ingress' | 'egress',
  local: Local,
  peer: string,
): Packet {
  const isIn = direction === 'ingress';
  const isDiscovery = protocol === 58 && icmpType !== null && icmpType >= 133 && icmpType <= 137;
  return {
    path: isIn ? 'input' : 'output',
    family: local.family,
    iifname: isIn ? local.name : '',
    oifname: isIn ? '' : local.name,
    oifnameAfterDnat: null,
    source: isIn ? peer : local.address,
    destination: isIn ? local.address : peer,
    ...{ protocol, sourcePort, destinationPort, icmpType, icmpCode },
    hopLimit: isDiscovery ? LINK_HOPS : 64,
    ...{ mark: 0, conntrack: 'new', dnat: null },
  };
}

interface Column {
  readonly cells: readonly Cell[];
  readonly classes: readonly ServiceClass[];
}

function merged(
  classes: readonly ServiceClass[],
  columns: readonly (readonly Cell[])[],
  height: number,
): Pick<Reachability, 'services' | 'cells'> {
  const groups: Column[] = [];
  for (const [i, one] of classes.entries()) {
    const cells = columns[i] ?? [];
    const at = groups.findIndex((group) => isAlike(group.cells, cells));
    const { cells: known = cells, classes: members = [] } = groups[at] ?? {};
    const joined = known.map((cell, row) => (cell === 'nobody' ? (cells[row] ?? cell) : cell));
    groups.splice(at < 0 ? groups.length : at, 1, { cells: joined, classes: [...members, one] });
  }
  const isRest = (group: Column): number =>
    group.classes.some(({ protocol }) => protocol === 'other') ? 1 : 0;
  const ordered = groups.sort((a, b) => isRest(a) - isRest(b));
  return {
    services: ordered.map((group) => ({
      label: ordered.length === 1 ? 'everything' : serviceLabel(group.classes),
      classes: group.classes.map(({ protocol, ports, icmpType, isNamed }) => ({
        ...{ protocol, ports, icmpType, isNamed },
      })),
    })),
    cells: Array.from({ length: height }, (_, row) =>
      ordered.map(({ cells }) => cells[row] ?? 'nobody'),
    ),
  };
}

// Services that fare alike with every group are one column; where nobody can ask, anything is alike.
function isAlike(a: readonly Cell[], b: readonly Cell[]): boolean {
  return a.every((cell, row) => cell === b[row] || cell === 'nobody' || b[row] === 'nobody');
}
