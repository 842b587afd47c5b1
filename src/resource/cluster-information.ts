import type { KindDefinition } from './kind-definition.ts';
import { boolean, string, struct, whenSet } from './schema.ts';

const spec = struct({
  clusterGUID: string,
  clusterType: string,
  calicoVersion: string,
  datastoreReady: whenSet(boolean),
  variant: string,
});

/** ClusterInformation: whether the datastore may be believed, and which cluster it belongs to. */
export const clusterInformationKind: KindDefinition<(typeof spec)['fields']> = {
  spec,
  read: ({ id, spec: { datastoreReady, clusterGUID, calicoVersion } }) => ({
    ...id,
    kind: 'ClusterInformation',
    datastoreReady: datastoreReady === true,
    clusterGUID: clusterGUID ?? '',
    calicoVersion: calicoVersion ?? '',
  }),
  validate: () => undefined,
};
