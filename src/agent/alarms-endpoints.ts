import type { Governed } from '../policy/governed-interfaces.ts';
import { resourceName } from '../resource/resource.ts';
import type { AlarmInputs } from './alarms-inputs.ts';
import { faultAbout, nameSome } from './fault.ts';
import type { Fault } from './fault.ts';

type EndpointInputs = Pick<
  AlarmInputs,
  'nodeName' | 'resolution' | 'interfaces' | 'isExcluded' | 'nodeNames'
>;

/** Where host endpoints and this host's name, interfaces and addresses do not fit together. */
export function endpointFaults(inputs: EndpointInputs): readonly Fault[] {
  if (inputs.resolution === null) return [];
  const { governed, policy } = inputs.resolution;
  const open = policy.endpoints.length === 0 ? unprotectedHost(inputs) : openInterfaces(inputs);
  return [
    ...open,
    ...similarNames(inputs),
    ...lostEndpoints(governed, inputs),
    ...absentAddresses(governed, inputs),
  ];
}

function unprotectedHost({ nodeName }: EndpointInputs): readonly Fault[] {
  const message = `no host endpoint governs an interface of this host: nothing protects it. Create a HostEndpoint with spec.node "${nodeName}"`;
  return [{ code: 'nothing-protects-this-host', objects: [`node ${nodeName}`], message }];
}

function openInterfaces(inputs: EndpointInputs): readonly Fault[] {
  const { nodeName, interfaces, resolution } = inputs;
  const governed = resolution?.governed ?? [];
  if (governed.some((one) => one.interfaces === '*')) return [];
  const names = new Set(governed.flatMap((one) => one.interfaces));
  const open = interfaces.filter(
    ({ name, addresses }) =>
      name !== 'lo' && addresses.length > 0 && !names.has(name) && !inputs.isExcluded(name),
  );
  return faultAbout(
    'interface-unprotected',
    open.map(({ name }) => `interface ${name}`),
    (named) =>
      `no host endpoint, so everything passes: ${named}. Create a HostEndpoint with spec.node "${nodeName}" and spec.interfaceName for each, or "*" for all; list those that are meant to be open in InterfaceExclude`,
  );
}

interface Remembered {
  readonly nodeName: string;
  readonly similar: readonly string[];
}

// A cluster may have thousands of nodes, and alarms are looked at after every update.
const remembered = new WeakMap<readonly string[], Remembered>();

function similarNames({ nodeName, nodeNames }: EndpointInputs): readonly Fault[] {
  const known = remembered.get(nodeNames);
  const similar = known?.nodeName === nodeName ? known.similar : findSimilar(nodeName, nodeNames);
  remembered.set(nodeNames, { nodeName, similar });
  return faultAbout(
    'node-name-similar',
    similar.map((name) => `node ${name}`),
    (named) =>
      `host endpoints name ${named}, but this host is called "${nodeName}" and follows that exact name only. Correct spec.node, or set node.name in this host's configuration`,
  );
}

// A name with another domain may be another machine, so that counts only while nothing names this host.
function findSimilar(nodeName: string, nodeNames: readonly string[]): readonly string[] {
  const isNamed = nodeNames.includes(nodeName);
  return nodeNames
    .filter((other) => other !== nodeName && isSimilar(nodeName, other, isNamed))
    .sort();
}

function isSimilar(own: string, other: string, isNamed: boolean): boolean {
  const [a, b] = [own.toLowerCase(), other.toLowerCase()];
  if (a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)) return true;
  return !isNamed && firstLabel(a) === firstLabel(b);
}

function firstLabel(name: string): string {
  return name.split('.', 1)[0] ?? '';
}

function lostEndpoints(governed: readonly Governed[], inputs: EndpointInputs): readonly Fault[] {
  const lost = governed.filter(({ state }) => state === 'error');
  if (lost.length === 0) return [];
  const reasons = lost.map(
    (one) => `${resourceName(one.hostEndpoint)} (${whyLost(one, governed, inputs)})`,
  );
  return [
    {
      code: 'endpoint-without-interface',
      objects: lost.map(({ hostEndpoint }) => resourceName(hostEndpoint)),
      message: `protects nothing now: ${nameSome(reasons)}. Correct spec.interfaceName or spec.expectedIPs`,
    },
  ];
}

function whyLost(
  { hostEndpoint, interfaces }: Governed,
  governed: readonly Governed[],
  inputs: EndpointInputs,
): string {
  const { interfaceName, expectedIPs } = hostEndpoint;
  if (interfaceName === '') {
    return expectedIPs.length === 0
      ? 'it has neither interfaceName nor expectedIPs'
      : `no interface without another endpoint has ${nameSome(expectedIPs)}`;
  }
  if (interfaces.length > 0) return `there is no interface ${interfaceName}`;
  if (interfaceName !== '*' && inputs.isExcluded(interfaceName)) {
    return `InterfaceExclude takes ${interfaceName} out`;
  }
  const winner = governed.find((one) => hasInterface(one, interfaceName));
  const name = winner === undefined ? 'another one' : resourceName(winner.hostEndpoint);
  return `${interfaceName === '*' ? 'all interfaces' : interfaceName}: ${name} comes first by name`;
}

function hasInterface({ interfaces }: Governed, name: string): boolean {
  return interfaces === '*' ? name === '*' : interfaces.includes(name);
}

function absentAddresses(
  governed: readonly Governed[],
  { interfaces }: EndpointInputs,
): readonly Fault[] {
  const present = new Set(interfaces.flatMap(({ addresses }) => addresses));
  const absent = governed.flatMap(({ hostEndpoint }) => {
    const addresses = hostEndpoint.expectedIPs.filter((address) => !present.has(address));
    const object = resourceName(hostEndpoint);
    return addresses.length === 0 ? [] : [{ object, text: `${object}: ${nameSome(addresses)}` }];
  });
  if (absent.length === 0) return [];
  return [
    {
      code: 'expected-ip-absent',
      objects: absent.map(({ object }) => object),
      message: `addresses in spec.expectedIPs that this host does not have (${nameSome(absent.map(({ text }) => text))}): rules of other hosts that select these endpoints let those addresses in, or keep this host out. Correct spec.expectedIPs`,
    },
  ];
}
