import { createHash } from 'node:crypto';

/** Where Calico keeps its resources in etcd (v3 model). */
export const RESOURCE_KEYS = '/calico/resources/v3/projectcalico.org/';

const PLURALS: Readonly<Record<string, string>> = {
  ClusterInformation: 'clusterinformations',
  FelixConfiguration: 'felixconfigurations',
  GlobalNetworkPolicy: 'globalnetworkpolicies',
  GlobalNetworkSet: 'globalnetworksets',
  HostEndpoint: 'hostendpoints',
  NetworkPolicy: 'networkpolicies',
  NetworkSet: 'networksets',
  Node: 'nodes',
  Profile: 'profiles',
  StagedGlobalNetworkPolicy: 'stagedglobalnetworkpolicies',
  StagedKubernetesNetworkPolicy: 'stagedkubernetesnetworkpolicies',
  StagedNetworkPolicy: 'stagednetworkpolicies',
  Tier: 'tiers',
  WorkloadEndpoint: 'workloadendpoints',
};

/** A Calico object as a manifest writes it. */
export interface CalicoObject {
  readonly kind: string;
  readonly apiVersion?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A key of the datastore and its value. */
export type StoredPair = readonly [key: string, value: string];

/** Key and bytes under which calicoctl stores an object: compact JSON with a uid and a creation time. */
export function stored(object: CalicoObject): StoredPair {
  const plural = PLURALS[object.kind];
  if (plural === undefined) throw new Error(`no key is known for kind ${object.kind}`);
  const { name, namespace, ...rest } = object.metadata;
  const path = namespace === undefined ? name : `${namespace}/${name}`;
  const key = `${RESOURCE_KEYS}${plural}/${path}`;
  const identity = namespace === undefined ? { name } : { name, namespace };
  const metadata = { ...identity, ...birth(key), ...rest };
  const apiVersion = object.apiVersion ?? 'projectcalico.org/v3';
  return [key, JSON.stringify({ kind: object.kind, apiVersion, metadata, spec: object.spec })];
}

// The same for every run, so that an object that did not change is not written again.
function birth(key: string): { readonly uid: string; readonly creationTimestamp: string } {
  const hex = createHash('sha256').update(key).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return {
    uid: [...parts, hex.slice(20, 32)].join('-'),
    creationTimestamp: '2026-08-03T10:15:00Z',
  };
}

/** A rule as manifests write it. */
export type RuleSpec = Readonly<Record<string, unknown>> & { readonly action: string };

/** The parts of a policy that differ between tests; `types` defaults as calicoctl defaults it. */
export interface PolicySpec {
  readonly tier?: string;
  readonly order?: number;
  readonly selector?: string;
  readonly namespaceSelector?: string;
  readonly types?: readonly ('Ingress' | 'Egress')[];
  readonly ingress?: readonly RuleSpec[];
  readonly egress?: readonly RuleSpec[];
  readonly doNotTrack?: boolean;
  readonly preDNAT?: boolean;
  readonly applyOnForward?: boolean;
}

/** The parts of a host endpoint that differ between tests. */
export interface EndpointSpec {
  readonly node?: string;
  readonly interfaceName?: string;
  readonly expectedIPs?: readonly string[];
  readonly profiles?: readonly string[];
  readonly ports?: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly port: number;
  }[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A GlobalNetworkPolicy of tier `default` for `role == 'edge'`, unless said otherwise. */
export function globalNetworkPolicy(name: string, spec: PolicySpec): CalicoObject {
  return policy('GlobalNetworkPolicy', name, spec);
}

/** The same, staged. */
export function stagedGlobalNetworkPolicy(name: string, spec: PolicySpec): CalicoObject {
  return policy('StagedGlobalNetworkPolicy', name, spec);
}

function policy(kind: string, name: string, spec: PolicySpec): CalicoObject {
  const tier = spec.tier ?? 'default';
  const raw = spec.doNotTrack === true || spec.preDNAT === true;
  return {
    kind,
    metadata: {
      name,
      labels: { 'projectcalico.org/tier': tier },
      annotations: { 'projectcalico.org/metadata': JSON.stringify({ name }) },
    },
    spec: {
      selector: "role == 'edge'",
      types: defaultTypes(spec),
      ...(raw ? { applyOnForward: true } : {}),
      ...spec,
      tier,
    },
  };
}

// calicoctl: Ingress, unless there are egress rules only; Egress as well when there are egress rules.
function defaultTypes(spec: PolicySpec): readonly string[] {
  const egress = spec.egress !== undefined && spec.egress.length > 0;
  const ingress = spec.ingress !== undefined && spec.ingress.length > 0;
  if (!egress) return ['Ingress'];
  return ingress ? ['Ingress', 'Egress'] : ['Egress'];
}

/** A HostEndpoint with the label `role: edge`, unless said otherwise. */
export function hostEndpoint(name: string, spec: EndpointSpec): CalicoObject {
  const { labels = { role: 'edge' }, ...rest } = spec;
  return { kind: 'HostEndpoint', metadata: { name, labels }, spec: rest };
}

/** A Tier; `defaultAction` is left out when not given. */
export function tier(name: string, order: number, defaultAction?: 'Deny' | 'Pass'): CalicoObject {
  const action = defaultAction === undefined ? {} : { defaultAction };
  return { kind: 'Tier', metadata: { name }, spec: { order, ...action } };
}

/** A GlobalNetworkSet. */
export function globalNetworkSet(
  name: string,
  labels: Readonly<Record<string, string>>,
  nets: readonly string[],
): CalicoObject {
  return { kind: 'GlobalNetworkSet', metadata: { name, labels }, spec: { nets } };
}

/** A Profile. */
export function profile(name: string, spec: Readonly<Record<string, unknown>>): CalicoObject {
  return { kind: 'Profile', metadata: { name }, spec };
}

/** The cluster-wide FelixConfiguration. */
export function felixConfiguration(spec: Readonly<Record<string, unknown>>): CalicoObject {
  return { kind: 'FelixConfiguration', metadata: { name: 'default' }, spec };
}

/** What every initialised datastore holds: the ready flag and the default tier. */
export function initialObjects(clusterGUID: string): readonly CalicoObject[] {
  return [
    {
      kind: 'ClusterInformation',
      metadata: { name: 'default' },
      spec: { clusterGUID, datastoreReady: true, calicoVersion: 'v3.32.0', clusterType: 'lab' },
    },
    tier('default', 1_000_000, 'Deny'),
  ];
}
