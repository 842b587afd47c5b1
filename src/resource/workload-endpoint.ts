import { addressLength, parseAddress } from '../net/address.ts';
import { quoteText } from './describe-value.ts';
import { readEndpointPorts, validateEndpointPort } from './endpoint-port.ts';
import type { Findings, Refuse } from './findings.ts';
import type { KindDefinition, ReadInput, WriteInput } from './kind-definition.ts';
import type { Labels, WorkloadEndpoint } from './resource.ts';
import { always, listOf, opaque, portNumber, protocol, string, strings, struct } from './schema.ts';

const spec = struct({
  orchestrator: string,
  workload: string,
  node: string,
  containerID: string,
  pod: string,
  endpoint: string,
  serviceAccountName: string,
  ipNetworks: strings,
  ipNATs: listOf(struct({ internalIP: string, externalIP: string })),
  ipv4Gateway: string,
  ipv6Gateway: string,
  profiles: strings,
  interfaceName: string,
  mac: string,
  ports: listOf(
    struct({
      name: always(string),
      protocol: always(protocol),
      port: always(portNumber),
      hostPort: always(portNumber),
      hostIP: always(string),
    }),
  ),
  allowSpoofedSourcePrefixes: strings,
  qosControls: opaque,
});

type Fields = (typeof spec)['fields'];

const NO_PORTS: WorkloadEndpoint['ports'] = [];

/** WorkloadEndpoint: a pod, wherever it runs; its labels and addresses take part in selectors. */
export const workloadEndpointKind: KindDefinition<Fields> = { spec, read, validate };

function read({ id, metadata, spec, findings }: ReadInput<Fields>): WorkloadEndpoint | null {
  // A pod that has no address yet: every cluster has some, and nothing is wrong with them.
  if (spec.ipNetworks === undefined || spec.ipNetworks.length === 0) return null;
  if (spec.interfaceName === undefined || spec.interfaceName === '') {
    const message = 'There is no interfaceName. Until then the endpoint is ignored.';
    findings.error('interface-missing', 'spec.interfaceName', message);
    return null;
  }
  const addresses = readAddresses(spec.ipNetworks, findings);
  const ports = readPorts(spec.ports ?? [], findings);
  if (addresses === null || ports === null) return null;
  warnOfSpoofing(spec.allowSpoofedSourcePrefixes ?? [], findings);
  return {
    kind: 'WorkloadEndpoint',
    namespace: id.namespace,
    name: id.name,
    labels: withServiceAccount(ownLabels(metadata.labels ?? {}), spec.serviceAccountName ?? ''),
    profiles: spec.profiles ?? [],
    addresses,
    ports,
  };
}

// Each entry stands for one address; the prefix length means nothing here.
function readAddresses(stored: readonly string[], findings: Findings): readonly string[] | null {
  const addresses: string[] = [];
  for (const [index, text] of stored.entries()) {
    const address = hostAddress(text);
    if (address !== null) addresses.push(address);
    else {
      const message = `${quoteText(text)} is not an address. Until then the endpoint is ignored.`;
      findings.error('address-invalid', `spec.ipNetworks[${index}]`, message);
    }
  }
  return addresses.length === stored.length ? addresses : null;
}

/** Named ports; null where one of them makes the endpoint count as absent. */
export function readPorts(
  stored: NonNullable<ReadInput<Fields>['spec']['ports']>,
  findings: Findings,
): WorkloadEndpoint['ports'] | null {
  if (stored.length === 0) return NO_PORTS;
  const named = stored.filter((port) => port.name !== undefined && port.name !== '');
  return readEndpointPorts(named, findings);
}

/** Stored labels without those that come from profiles: a pod must not forge labels of its namespace. */
export function ownLabels(stored: Labels): Labels {
  let inherited = false;
  for (const key in stored) inherited ||= isInheritedKey(key);
  if (!inherited) return stored;
  return Object.fromEntries(Object.entries(stored).filter(([key]) => !isInheritedKey(key)));
}

/** Labels with that of the service account added; the same object where they have it. */
export function withServiceAccount(own: Labels, serviceAccount: string): Labels {
  if (serviceAccount === '' || own[SERVICE_ACCOUNT] === serviceAccount) return own;
  return { ...own, [SERVICE_ACCOUNT]: serviceAccount };
}

const SERVICE_ACCOUNT = 'projectcalico.org/serviceaccount';

function isInheritedKey(key: string): boolean {
  return key.startsWith('pcns.') || key.startsWith('pcsa.');
}

function warnOfSpoofing(prefixes: readonly string[], findings: Findings): void {
  if (prefixes.length === 0) return;
  const message =
    'Felix ignores this endpoint unless its FelixConfiguration has workloadSourceSpoofing: Any; here its ' +
    'addresses count in selectors all the same.';
  findings.warn('source-spoofing', 'spec.allowSpoofedSourcePrefixes', message);
}

function validate({ spec }: WriteInput<Fields>, refuse: Refuse): void {
  if ((spec.interfaceName ?? '') === '') {
    refuse('interface-missing', 'spec.interfaceName', 'Write the name of the interface.');
  }
  for (const [index, text] of (spec.ipNetworks ?? []).entries()) {
    if (hostAddress(text) === null) {
      const message = `${quoteText(text)} is not an address; write one such as "10.0.0.1/32".`;
      refuse('address-invalid', `spec.ipNetworks[${index}]`, message);
    }
  }
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if ((port.name ?? '') !== '') validateEndpointPort(port, `spec.ports[${index}]`, refuse);
  }
}

/**
 * The canonical address that an entry of `ipNetworks` stands for; null where it is none. Calico's writers store an
 * address with its full prefix length; a shorter one means nothing.
 */
export function hostAddress(text: string): string | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null || slash < 0) return address?.text ?? null;
  const prefix = /^\d{1,3}$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : NaN;
  return prefix <= addressLength(address.family) ? address.text : null;
}
