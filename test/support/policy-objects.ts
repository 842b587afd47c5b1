import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type {
  HostEndpoint,
  NetworkSet,
  Policy,
  Profile,
  Resource,
  Tier,
} from '../../src/resource/resource.ts';
import type { Action, EntityRule, PortRange, Rule } from '../../src/resource/rule.ts';
import { EVERY_PACKET } from '../../src/resource/match-all.ts';
import { selectorOf } from './random-rule.ts';

/** `source` or `destination` as people write it: numbers, `from:to` and names among the ports. */
export interface EntitySketch {
  readonly nets?: readonly string[];
  readonly notNets?: readonly string[];
  readonly selector?: string;
  readonly notSelector?: string;
  readonly ports?: readonly (number | string)[];
  readonly notPorts?: readonly (number | string)[];
}

export type RuleSketch = Partial<Omit<Rule, 'action' | 'source' | 'destination'>> & {
  readonly source?: EntitySketch;
  readonly destination?: EntitySketch;
};

/** A rule with the conditions of `sketch`; the protocol is TCP when ports are given without one. */
export function rule(action: Action, sketch: RuleSketch = {}): Rule {
  const { source = {}, destination = {}, ...rest } = sketch;
  const hasPorts = [source, destination].some(({ ports, notPorts }) => ports ?? notPorts);
  return {
    action,
    ...EVERY_PACKET,
    protocol: hasPorts ? 6 : null,
    ...rest,
    source: entity(source),
    destination: entity(destination),
  };
}

/** Allow to TCP ports of this side or, on egress, of the other. */
export function allowPorts(...ports: readonly (number | string)[]): Rule {
  return rule('Allow', { destination: { ports } });
}

function entity(sketch: EntitySketch): EntityRule {
  const selector = sketch.selector === undefined ? null : selectorOf(sketch.selector);
  return {
    nets: sketch.nets ?? null,
    notNets: sketch.notNets ?? null,
    selector,
    notSelector: sketch.notSelector === undefined ? null : selectorOf(sketch.notSelector),
    positiveSelector: selector,
    ports: portList(sketch.ports),
    notPorts: portList(sketch.notPorts),
  };
}

function portList(ports: readonly (number | string)[] | undefined): EntityRule['ports'] {
  if (ports === undefined) return null;
  const isNumeric = (port: number | string): boolean => /^\d+(:\d+)?$/.test(String(port));
  return {
    numeric: ports.filter(isNumeric).map(portRange),
    named: ports.filter((port) => !isNumeric(port)).map(String),
  };
}

function portRange(port: number | string): PortRange {
  const [from = 0, to = from] = String(port).split(':').map(Number);
  return { from, to };
}

/** A host endpoint of hosta on `interfaceName` with the label role=edge. */
export function hostEndpoint(
  interfaceName: string,
  changes: Partial<HostEndpoint> = {},
): HostEndpoint {
  return {
    kind: 'HostEndpoint',
    namespace: '',
    name: interfaceName === '*' ? 'star' : `hep-${interfaceName}`,
    labels: { role: 'edge' },
    node: 'hosta',
    interfaceName,
    expectedIPs: [],
    profiles: [],
    ports: [],
    ...changes,
  };
}

/** A GlobalNetworkPolicy of tier default for role == 'edge', with the types of the rules it is given. */
export function policy(
  name: string,
  { selector = "role == 'edge'", ...changes }: PolicySketch = {},
): Policy {
  return {
    kind: 'GlobalNetworkPolicy',
    namespace: '',
    name,
    displayName: name,
    tier: 'default',
    order: Infinity,
    selector: selectorOf(selector),
    appliesToIngress: changes.ingress !== undefined || changes.egress === undefined,
    appliesToEgress: changes.egress !== undefined,
    doNotTrack: false,
    preDNAT: false,
    applyOnForward: (changes.doNotTrack ?? false) || (changes.preDNAT ?? false),
    ingress: [],
    egress: [],
    stagedAction: '',
    ...changes,
  };
}

export type PolicySketch = Partial<Omit<Policy, 'selector' | 'name'>> & {
  readonly selector?: string;
};

/** A tier; order 10. */
export function tier(name: string, defaultAction: 'Deny' | 'Pass', order = 10): Tier {
  return { kind: 'Tier', namespace: '', name, order, defaultAction, enforcement: 'enforce' };
}

/** A profile with these rules. */
export function profile(name: string, changes: Partial<Profile> = {}): Profile {
  return {
    kind: 'Profile',
    namespace: '',
    name,
    rules: { ingress: [], egress: [] },
    labelsToApply: {},
    ...changes,
  };
}

/** A GlobalNetworkSet. */
export function networkSet(
  name: string,
  labels: NetworkSet['labels'],
  nets: readonly string[],
): NetworkSet {
  return { kind: 'GlobalNetworkSet', namespace: '', name, labels, profiles: [], nets };
}

/**
 * What these objects mean on hosta, which has eth0 (10.0.1.1, fd00:1::1), eth1 (10.0.2.1, fd00:2::1) and lo.
 * Tier default is there unless given.
 */
export function localPolicy(resources: readonly Resource[]): LocalPolicy {
  const store = new PolicyStore('hosta');
  const interfaces = [
    { name: 'eth0', running: true, addresses: ['10.0.1.1', 'fd00:1::1'] },
    { name: 'eth1', running: true, addresses: ['10.0.2.1', 'fd00:2::1'] },
    { name: 'lo', running: true, addresses: ['127.0.0.1', '::1'] },
  ];
  store.setInterfaces(interfaces, () => false);
  for (const resource of [tier('default', 'Deny', 1_000_000), ...resources]) {
    store.apply({ id: resource, resource, problems: [] });
  }
  return store.resolve().policy;
}
