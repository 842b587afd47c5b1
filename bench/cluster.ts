import { RESOURCE_PREFIX } from '../src/base/raw-update.ts';

/** A key and its value, as calicoctl stores them. */
export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** How large a cluster to make up. */
export interface ClusterSize {
  readonly workloadEndpoints: number;
  readonly policies: number;
  readonly networkSets: number;
}

const NAMESPACES = 50;
const APPS = 200;
// Beyond every pod of a measured cluster.
const NEW_PODS = 600_000;

/** The objects of a cluster around one host: pods, policies that select the host by pods' labels, sets. */
export function* clusterEntries(size: ClusterSize, nodeName: string): Generator<Entry> {
  yield entry('ClusterInformation', 'clusterinformations/default', 'default', {
    datastoreReady: true,
    clusterGUID: '0123456789abcdef0123456789abcdef',
  });
  yield* hostEntries(nodeName, 'eth0');
  for (let i = 0; i < size.networkSets; i++) yield largeNetworkSet(i);
  for (let i = 0; i < size.policies; i++) yield policy(i);
  for (let i = 0; i < size.workloadEndpoints; i++) yield workloadEndpoint(i);
}

/** The tier of all policies here, and the host endpoint that they select. */
export function hostEntries(nodeName: string, interfaceName: string): readonly Entry[] {
  return [
    entry('Tier', 'tiers/default', 'default', { order: 1_000_000, defaultAction: 'Deny' }),
    entry(
      'HostEndpoint',
      'hostendpoints/edge',
      'edge',
      { node: nodeName, interfaceName },
      { role: 'edge' },
    ),
  ];
}

/** Writes entries in transactions of a hundred. */
export async function load(
  entries: readonly Entry[],
  write: (part: readonly Entry[]) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < entries.length; i += 100) await write(entries.slice(i, i + 100));
}

/** Pod number `i`: namespace and app by turns, an address of its own. */
export function workloadEndpoint(i: number): Entry {
  const namespace = `ns-${i % NAMESPACES}`;
  const app = `app-${i % APPS}`;
  const node = `kw-${i % 500}`;
  const name = `${node.replaceAll('-', '--')}-k8s-${app.replaceAll('-', '--')}--${i}-eth0`;
  const labels = {
    app,
    tier: i % 3 === 0 ? 'frontend' : 'backend',
    'pod-template-hash': (i % (APPS * 5)).toString(16),
    'projectcalico.org/namespace': namespace,
    'projectcalico.org/orchestrator': 'k8s',
    'projectcalico.org/serviceaccount': 'default',
  };
  const address = `10.${64 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
  const spec = {
    orchestrator: 'k8s',
    node,
    pod: `${app}-${i}`,
    endpoint: 'eth0',
    containerID: `c${i}`,
    serviceAccountName: 'default',
    profiles: [`kns.${namespace}`, `ksa.${namespace}.default`],
    ipNetworks: [`${address}/32`],
    interfaceName: `cali${i.toString(16).padStart(11, '0')}`,
    ports: [{ name: 'http', protocol: 'TCP', port: 8080, hostPort: 0, hostIP: '' }],
  };
  return entry(
    'WorkloadEndpoint',
    `workloadendpoints/${namespace}/${name}`,
    name,
    spec,
    labels,
    namespace,
  );
}

/** The `i`-th change of the first policy: another port. */
export function policyChange(i: number): Entry {
  return policy(0, 20_000 + i);
}

/** Pods that join and leave a set of `members` addresses, and the policy that needs it. */
export const MEMBER_CHANGES = {
  // Five namespaces of fifty: a tenth of the pods.
  policy: entry('GlobalNetworkPolicy', 'globalnetworkpolicies/large', 'large', {
    tier: 'default',
    order: 5000,
    selector: "role == 'edge'",
    types: ['Ingress'],
    ingress: [
      {
        action: 'Allow',
        source: {
          selector: "projectcalico.org/namespace in {'ns-0', 'ns-1', 'ns-2', 'ns-3', 'ns-4'}",
        },
      },
    ],
  }),
  /** Pods of the first namespace come and go, by turns. */
  change: (i: number): { readonly key: string; readonly value: string | null } => {
    // App and namespace follow from the number: this one is of namespace 0 and, as a frontend, in no other set.
    const { key, value } = workloadEndpoint(NEW_PODS + (i >> 1) * NAMESPACES * 3);
    return { key, value: i % 2 === 0 ? value : null };
  },
} as const;

/** Policy number `i`: one app's pods may reach one port of the host. */
export function policy(i: number, port = 1000 + i): Entry {
  return ingressPolicy(`allow-${i}`, i, [
    {
      action: 'Allow',
      protocol: 'TCP',
      source: { selector: `app == 'app-${i % APPS}' && tier == 'backend'` },
      destination: { ports: [port] },
    },
  ]);
}

/** A policy of the host endpoint. */
export function ingressPolicy(name: string, order: number, ingress: readonly object[]): Entry {
  const selector = "role == 'edge'";
  const spec = { tier: 'default', order, selector, types: ['Ingress'], ingress };
  return entry('GlobalNetworkPolicy', `globalnetworkpolicies/${name}`, name, spec);
}

/** One of the network sets that `bigSetPolicy` takes together: CIDRs number `from` up to, without, `to`. */
export function bigNetworkSet(i: number, [from, to]: readonly [number, number], shift = 0): Entry {
  const name = `big-${i}`;
  const net = (j: number): string => `${100 + 2 * i + shift}.${j >> 8}.${j & 255}.0/25`;
  const nets = Array.from({ length: to - from }, (_, j) => net(from + j));
  return entry('GlobalNetworkSet', `globalnetworksets/${name}`, name, { nets }, { big: 'yes' });
}

/** The policy that needs the big network sets. */
export function bigSetPolicy(): Entry {
  return entry('GlobalNetworkPolicy', 'globalnetworkpolicies/big', 'big', {
    tier: 'default',
    order: 5000,
    selector: "role == 'edge'",
    types: ['Ingress'],
    ingress: [{ action: 'Allow', source: { selector: "big == 'yes'" } }],
  });
}

/** A GlobalNetworkSet whose label `set` is its name. */
export function networkSet(name: string, nets: readonly string[]): Entry {
  return entry('GlobalNetworkSet', `globalnetworksets/${name}`, name, { nets }, { set: name });
}

function largeNetworkSet(i: number): Entry {
  const nets = Array.from(
    { length: 1000 },
    (_, j) => `100.${64 + (i % 64)}.${j >> 2}.${(j & 3) << 6}/26`,
  );
  return networkSet(`nets-${i}`, nets);
}

// Six parts make an object; a record for them would only repeat their names.
// eslint-disable-next-line max-params
function entry(
  kind: string,
  path: string,
  name: string,
  spec: object,
  labels?: Readonly<Record<string, string>>,
  namespace?: string,
): Entry {
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: '00000000-0000-4000-8000-000000000000',
    creationTimestamp: '2026-08-03T10:15:00Z',
    ...(labels === undefined ? {} : { labels }),
  };
  const value = { kind, apiVersion: 'projectcalico.org/v3', metadata, spec };
  return { key: `${RESOURCE_PREFIX}${path}`, value: JSON.stringify(value) };
}
