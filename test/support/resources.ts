import { parseSelector } from '../../src/selector/parse.ts';
import type { Selector } from '../../src/selector/selector.ts';
import type {
  HostEndpoint,
  NetworkSet,
  Policy,
  Profile,
  Resource,
  ResourceUpdate,
  Tier,
  WorkloadEndpoint,
} from '../../src/resource/resource.ts';
import { ANYBODY, EVERY_PACKET } from '../../src/resource/match-all.ts';
import type { EntityRule, Rule } from '../../src/resource/rule.ts';

/** A selector from its text; throws on a text that is none. */
export function selector(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.value;
}

/** `source` or `destination` of a rule; `selector` serves named ports as well. */
export function entity(fields: Partial<EntityRule> = {}): EntityRule {
  return { ...ANYBODY, positiveSelector: fields.selector ?? null, ...fields };
}

/** A rule that matches everything, but for the given fields. */
export function rule(action: Rule['action'], fields: Partial<Rule> = {}): Rule {
  return { action, ...EVERY_PACKET, ...fields };
}

/** A GlobalNetworkPolicy of tier default for all endpoints, both directions, without rules. */
export function globalPolicy(name: string, fields: Partial<Policy> = {}): Policy {
  return {
    kind: 'GlobalNetworkPolicy',
    namespace: '',
    name,
    displayName: name,
    tier: 'default',
    order: Infinity,
    selector: selector('all()'),
    appliesToIngress: true,
    appliesToEgress: true,
    doNotTrack: false,
    preDNAT: false,
    applyOnForward: false,
    ingress: [],
    egress: [],
    stagedAction: '',
    ...fields,
  };
}

/** A Tier that denies at its end. */
export function tier(name: string, fields: Partial<Tier> = {}): Tier {
  return {
    kind: 'Tier',
    namespace: '',
    name,
    order: 1_000_000,
    defaultAction: 'Deny',
    enforcement: 'enforce',
    ...fields,
  };
}

/** A HostEndpoint of node `hosta` on interface eth0. */
export function hostEndpoint(name: string, fields: Partial<HostEndpoint> = {}): HostEndpoint {
  return {
    kind: 'HostEndpoint',
    namespace: '',
    name,
    labels: {},
    node: 'hosta',
    interfaceName: 'eth0',
    expectedIPs: [],
    profiles: [],
    ports: [],
    ...fields,
  };
}

/** A pod with one address. */
export function workloadEndpoint(
  name: string,
  fields: Partial<WorkloadEndpoint> = {},
): WorkloadEndpoint {
  return {
    kind: 'WorkloadEndpoint',
    namespace: 'default',
    name,
    labels: {},
    profiles: [],
    addresses: ['10.244.0.1'],
    ports: [],
    ...fields,
  };
}

/** A GlobalNetworkSet. */
export function globalNetworkSet(name: string, fields: Partial<NetworkSet> = {}): NetworkSet {
  return {
    kind: 'GlobalNetworkSet',
    namespace: '',
    name,
    labels: {},
    profiles: [],
    nets: [],
    ...fields,
  };
}

/** A Profile without rules. */
export function profile(name: string, fields: Partial<Profile> = {}): Profile {
  return {
    kind: 'Profile',
    namespace: '',
    name,
    rules: { ingress: [], egress: [] },
    labelsToApply: {},
    ...fields,
  };
}

/** The update that puts a resource there. */
export function put(resource: Resource): ResourceUpdate {
  const { kind, namespace, name } = resource;
  return { id: { kind, namespace, name }, resource, problems: [] };
}

/** The update that takes it away. */
export function remove(resource: Resource): ResourceUpdate {
  return { ...put(resource), resource: null };
}
