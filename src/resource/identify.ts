import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { Kind, ResourceId } from './resource.ts';

/** The API version that all stored objects carry. */
export const API_VERSION = 'projectcalico.org/v3';

/** How a kind is named in keys, and whether its objects live in a namespace. */
export interface KindNaming {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Every kind that is read, with its place in the datastore (Calico v3, etcdv3 backend). */
export const KINDS: Readonly<Record<Kind, KindNaming>> = {
  HostEndpoint: { plural: 'hostendpoints', namespaced: false },
  GlobalNetworkPolicy: { plural: 'globalnetworkpolicies', namespaced: false },
  NetworkPolicy: { plural: 'networkpolicies', namespaced: true },
  StagedGlobalNetworkPolicy: { plural: 'stagedglobalnetworkpolicies', namespaced: false },
  StagedNetworkPolicy: { plural: 'stagednetworkpolicies', namespaced: true },
  StagedKubernetesNetworkPolicy: { plural: 'stagedkubernetesnetworkpolicies', namespaced: true },
  GlobalNetworkSet: { plural: 'globalnetworksets', namespaced: false },
  NetworkSet: { plural: 'networksets', namespaced: true },
  Profile: { plural: 'profiles', namespaced: false },
  Tier: { plural: 'tiers', namespaced: false },
  WorkloadEndpoint: { plural: 'workloadendpoints', namespaced: true },
  Node: { plural: 'nodes', namespaced: false },
  FelixConfiguration: { plural: 'felixconfigurations', namespaced: false },
  ClusterInformation: { plural: 'clusterinformations', namespaced: false },
};

/** Whether the text is the name of a kind that is read. */
export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

const kindOfPlural: ReadonlyMap<string, Kind> = new Map(
  Object.keys(KINDS)
    .filter(isKind)
    .map((kind) => [KINDS[kind].plural, kind]),
);

/**
 * Who the object at this key is; null for everything that is not an object of a kind that is read.
 * As strict as Calico: exactly one segment after the plural, two for namespaced kinds, none empty,
 * and nothing is unescaped.
 */
export function parseKey(key: string): ResourceId | null {
  if (!key.startsWith(RESOURCE_PREFIX)) return null;
  const afterPlural = key.indexOf('/', RESOURCE_PREFIX.length);
  const kind = kindOfPlural.get(key.slice(RESOURCE_PREFIX.length, Math.max(afterPlural, 0)));
  if (kind === undefined) return null;
  const rest = key.slice(afterPlural + 1);
  const slash = rest.indexOf('/');
  if (KINDS[kind].namespaced !== slash >= 0 || rest.includes('/', slash + 1)) return null;
  const namespace = rest.slice(0, Math.max(slash, 0));
  const name = rest.slice(slash + 1);
  if (name === '' || slash === 0) return null;
  return { kind, namespace, name };
}

/** The key under which the object is stored: the inverse of `parseKey`. */
export function keyOf(id: ResourceId): string {
  const { plural, namespaced } = KINDS[id.kind];
  const place = namespaced ? `${plural}/${id.namespace}` : plural;
  return `${RESOURCE_PREFIX}${place}/${id.name}`;
}
