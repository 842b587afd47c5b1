import {
  type CalicoObject,
  type EndpointSpec,
  globalNetworkPolicy,
  hostEndpoint,
  type PolicySpec,
  type RuleSpec,
} from '../../support/calico.ts';
import { NODE_NAMES } from '../topology.ts';

/** The profile that always exists, and allows everything. */
export const ALLOW_PROFILE = { profiles: ['projectcalico-default-allow'] } as const;

/** The HostEndpoint of A's eth0; bare (nothing selects it, no profile) as long as nothing is said. */
export function eth0(spec: EndpointSpec = {}): CalicoObject {
  return hostEndpoint('a-eth0', { node: NODE_NAMES.A, interfaceName: 'eth0', ...spec });
}

/** The HostEndpoint of A's eth1. */
export function eth1(spec: EndpointSpec = {}): CalicoObject {
  return hostEndpoint('a-eth1', { node: NODE_NAMES.A, interfaceName: 'eth1', ...spec });
}

/** A's HostEndpoint for all interfaces. */
export function star(spec: EndpointSpec = {}): CalicoObject {
  return hostEndpoint('a-star', { node: NODE_NAMES.A, interfaceName: '*', ...spec });
}

/** The HostEndpoint of B's eth0, with the label `role: peer` and both of B's addresses. */
export function endpointB(spec: EndpointSpec = {}): CalicoObject {
  return hostEndpoint('b-eth0', {
    node: NODE_NAMES.B,
    interfaceName: 'eth0',
    expectedIPs: ['10.0.1.2', 'fd00:1::2'],
    labels: { role: 'peer' },
    ...spec,
  });
}

/** A policy for everything with the label `role: edge`. */
export const policy: (name: string, spec: PolicySpec) => CalicoObject = globalNetworkPolicy;

export const ALLOW: RuleSpec = { action: 'Allow' };
export const DENY: RuleSpec = { action: 'Deny' };
export const PASS: RuleSpec = { action: 'Pass' };
export const LOG: RuleSpec = { action: 'Log' };

/** TCP to these destination ports (numbers, `a:b` ranges or names). */
export function tcpTo(action: string, ...ports: readonly (number | string)[]): RuleSpec {
  return { action, protocol: 'TCP', destination: { ports } };
}

/** Everything from these networks. */
export function fromNets(action: string, ...nets: readonly string[]): RuleSpec {
  return { action, source: { nets } };
}

/** Everything from members of a selector. */
export function fromSelector(action: string, selector: string): RuleSpec {
  return { action, source: { selector } };
}

/** Everything to members of a selector. */
export function toSelector(action: string, selector: string): RuleSpec {
  return { action, destination: { selector } };
}
