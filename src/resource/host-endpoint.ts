import { parseAddress } from '../net/address.ts';
import { quoteText } from './describe-value.ts';
import { endpointPortSchema, readEndpointPorts, validateEndpointPort } from './endpoint-port.ts';
import type { Findings, Refuse } from './findings.ts';
import type { KindDefinition, ReadInput, WriteInput } from './kind-definition.ts';
import { isInterfaceName, isObjectName, isReadableName } from './names.ts';
import type { HostEndpoint } from './resource.ts';
import { listOf, string, strings, struct } from './schema.ts';
import { nameAdvice } from './validate-metadata.ts';

const spec = struct({
  node: string,
  interfaceName: string,
  expectedIPs: strings,
  profiles: strings,
  ports: listOf(endpointPortSchema),
});

type Fields = (typeof spec)['fields'];

/** HostEndpoint: an interface of a host, or all of them. */
export const hostEndpointKind: KindDefinition<Fields> = { spec, read, validate };

function read({ id, metadata, spec, findings }: ReadInput<Fields>): HostEndpoint | null {
  const { node = '', interfaceName = '', profiles = [] } = spec;
  const ports = readEndpointPorts(spec.ports ?? [], findings);
  const fits = [
    checkNode(node, findings),
    checkInterface(interfaceName, findings),
    checkProfiles(profiles, findings),
  ].every(Boolean);
  if (!fits || ports === null) return null;
  return {
    ...id,
    kind: 'HostEndpoint',
    labels: metadata.labels ?? {},
    node,
    interfaceName,
    expectedIPs: readExpectedIPs(spec.expectedIPs ?? [], findings),
    profiles,
    ports,
  };
}

function checkNode(node: string, findings: Findings): boolean {
  if (node !== '') return true;
  const message =
    'There is no node; write the name of the host. Until then the endpoint is ignored.';
  findings.error('node-missing', 'spec.node', message);
  return false;
}

function checkInterface(name: string, findings: Findings): boolean {
  if (name === '' || isInterfaceName(name)) return true;
  const message = `${interfaceAdvice(name)} Until then the endpoint is ignored.`;
  findings.error('interface-invalid', 'spec.interfaceName', message);
  return false;
}

function interfaceAdvice(name: string): string {
  return (
    `${quoteText(name)} cannot be an interface; write a name of up to 15 letters, digits, ".", "_" and "-", ` +
    'or "*" for all interfaces.'
  );
}

function checkProfiles(profiles: readonly string[], findings: Findings): boolean {
  const bad = profiles.findIndex((name) => !isReadableName(name));
  if (bad < 0) return true;
  const message = `${quoteText(profiles[bad] ?? '')} cannot be a profile. Until then the endpoint is ignored.`;
  findings.error('profile-invalid', `spec.profiles[${bad}]`, message);
  return false;
}

function readExpectedIPs(stored: readonly string[], findings: Findings): readonly string[] {
  const addresses: string[] = [];
  for (const [index, text] of stored.entries()) {
    const address = parseAddress(text);
    if (address !== null) addresses.push(address.text);
    else {
      const message = `${addressAdvice(text)} Until then this entry is skipped.`;
      findings.error('address-invalid', `spec.expectedIPs[${index}]`, message);
    }
  }
  return addresses;
}

function addressAdvice(text: string): string {
  return `${quoteText(text)} is not an address; write one such as "192.0.2.1", without a prefix length.`;
}

function validate({ spec }: WriteInput<Fields>, refuse: Refuse): void {
  const { node = '', expectedIPs = [], profiles = [], ports = [] } = spec;
  if (!isObjectName(node)) refuse('node-invalid', 'spec.node', nodeAdvice(node));
  validateInterface(spec.interfaceName ?? '', expectedIPs, refuse);
  for (const [index, text] of expectedIPs.entries()) {
    if (parseAddress(text) !== null) continue;
    refuse('address-invalid', `spec.expectedIPs[${index}]`, addressAdvice(text));
  }
  for (const [index, name] of profiles.entries()) {
    if (isObjectName(name)) continue;
    refuse('profile-invalid', `spec.profiles[${index}]`, nameAdvice('Profile', name));
  }
  for (const [index, item] of ports.entries())
    validateEndpointPort(item, `spec.ports[${index}]`, refuse);
}

function validateInterface(name: string, expectedIPs: readonly string[], refuse: Refuse): void {
  if (name === '' && expectedIPs.length === 0) {
    const message = 'Write interfaceName or expectedIPs; without either the endpoint is nowhere.';
    refuse('endpoint-nowhere', 'spec', message);
  }
  if (name !== '' && !isInterfaceName(name)) {
    refuse('interface-invalid', 'spec.interfaceName', interfaceAdvice(name));
  }
}

function nodeAdvice(node: string): string {
  if (node === '') return 'Write the name of the host.';
  const meant = node.toLowerCase();
  return (
    `${quoteText(node)} cannot be a node; write lower-case letters, digits, "-" and ".", such as ` +
    `${quoteText(isObjectName(meant) ? meant : 'web-1')}.`
  );
}
