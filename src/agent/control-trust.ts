import { ControlError } from '../control/handler.ts';
import type { TrustAnswer } from '../control/wire.ts';
import type { ControlInputs } from './control-inputs.ts';

/** Trusts the cluster that the datastore belongs to now. Rejects with ControlError when it names none. */
export async function trustDatastore({ loop, trusted }: ControlInputs): Promise<TrustAnswer> {
  const clusterGUID = loop.view.clusterInformation?.clusterGUID ?? '';
  if (clusterGUID === '') {
    throw new ControlError(
      409,
      'unknown-cluster',
      'the datastore does not say which cluster it belongs to: ClusterInformation "default" is missing, or has no clusterGUID',
    );
  }
  const before = trusted.guid;
  await trusted.trust(clusterGUID);
  loop.resync();
  return { clusterGUID, before };
}
