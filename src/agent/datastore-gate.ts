import type { Problem } from '../base/problem.ts';
import type { ClusterInformation } from '../resource/resource.ts';

/** Whether what the datastore says may be applied; if not, why. */
export type Gate =
  { readonly isOpen: true } | { readonly isOpen: false; readonly problem: Problem };

/** Decides on the present ClusterInformation. */
export type DecideGate = (clusterInformation: ClusterInformation | null) => Gate;

/** What the gate is decided on. */
export interface GateInput {
  /** The file datastore is always ready: the operator put the files there. */
  readonly datastoreType: 'etcdv3' | 'file';
  readonly clusterInformation: ClusterInformation | null;
  /** The cluster whose objects this host enforced last; null on a host that never did. */
  readonly trustedGUID: string | null;
}

/** Why the gate can be closed. */
export const GATE_CODES = [
  'datastore-blank',
  'datastore-not-ready',
  'datastore-changed',
  'rollback-rules-gone',
] as const;

const OBJECT = 'ClusterInformation default';

/**
 * A blank or wrong etcd must never open a fleet: nothing is applied before ClusterInformation says that
 * the datastore is ready, nor from another cluster than the one this host trusts.
 */
export function datastoreGate(input: GateInput): Gate {
  if (input.datastoreType === 'file') return { isOpen: true };
  const { clusterInformation, trustedGUID } = input;
  if (clusterInformation === null) {
    return closed(
      'datastore-blank',
      '',
      'the datastore has no ClusterInformation "default": it is empty, or not a Calico datastore. Initialise it with calicoctl, or correct etcd.endpoints',
    );
  }
  if (!clusterInformation.datastoreReady) {
    return closed(
      'datastore-not-ready',
      'spec.datastoreReady',
      'the datastore is locked or not initialised (datastoreReady is not true). Finish the migration with "calicoctl datastore migrate unlock"',
    );
  }
  const { clusterGUID } = clusterInformation;
  if (trustedGUID !== null && trustedGUID !== clusterGUID) {
    return closed(
      'datastore-changed',
      'spec.clusterGUID',
      `this datastore belongs to cluster "${clusterGUID}", but this host enforces the policy of cluster "${trustedGUID}". If the change is intended, run "rampartctl trust-datastore"`,
    );
  }
  return { isOpen: true };
}

function closed(code: (typeof GATE_CODES)[number], field: string, why: string): Gate {
  const message = `${why}. Until then the rules in force stay as they are`;
  return { isOpen: false, problem: { severity: 'error', code, object: OBJECT, field, message } };
}
