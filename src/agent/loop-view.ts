import type { Problem } from '../base/problem.ts';
import type { NetworkInterface } from '../host/host.ts';
import type { ClusterInformation, Kind } from '../resource/resource.ts';
import type { Fight } from './repair-damper.ts';

/** The loop's own state, for whoever reports it. */
export interface LoopView {
  /** A complete view of the datastore has arrived, and nothing was lost since. */
  readonly isInSync: boolean;
  /** Some of what has arrived is not taken in yet. */
  readonly isTakingIn: boolean;
  /** Whether that view may be applied. */
  readonly isGateOpen: boolean;
  /** The datastore revision seen last. */
  readonly revision: number;
  readonly problems: readonly Problem[];
  /** Number of objects in force, by kind. */
  readonly counts: ReadonlyMap<Kind, number>;
  /** Number of nodes that have a HostEndpoint. */
  readonly hosts: number;
  readonly clusterInformation: ClusterInformation | null;
  /** Empty until the host has told them. */
  readonly interfaces: readonly NetworkInterface[];
  /** `spec.node` of all HostEndpoints, each once; the same array while they are the same. */
  readonly nodeNames: readonly string[];
  /** Another program that keeps changing our table. */
  readonly fight: Fight | null;
}
