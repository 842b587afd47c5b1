import type { LocalConfig } from '../config/local-config.ts';
import { datastoreGate } from './datastore-gate.ts';
import type { DecideGate, Gate } from './datastore-gate.ts';
import type { Rollback } from './rollback.ts';
import type { TrustedCluster } from './trusted-cluster.ts';

/**
 * Decides whether what the datastore says may be applied: by what it says of itself, and not while rules are held and
 * those to write instead are gone.
 */
export function createGate(
  { datastore }: Pick<LocalConfig, 'datastore'>,
  trusted: Pick<TrustedCluster, 'guid'>,
  rollback: () => Pick<Rollback, 'isTargetGone'>,
): DecideGate {
  return (clusterInformation) =>
    rollback().isTargetGone
      ? CLOSED
      : datastoreGate({
          datastoreType: datastore.kind,
          clusterInformation,
          trustedGUID: trusted.guid,
        });
}

const CLOSED: Gate = {
  isOpen: false,
  problem: {
    severity: 'error',
    code: 'rollback-rules-gone',
    object: 'rollback-rules.json',
    field: '',
    message:
      'rules were rolled back before this start, but the file in the state directory that holds the good ones is gone or damaged: the rules in force stay as they are, and nothing new is applied. Correct the objects that the alarm "rolled-back" names, then run "rampartctl confirm"',
  },
};
