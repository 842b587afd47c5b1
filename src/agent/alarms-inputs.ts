import type { Problem } from '../base/problem.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { NetworkInterface } from '../host/host.ts';
import type { Policy } from '../policy/local-policy.ts';
import type { Resolution } from '../policy/resolver.ts';
import type { Observing } from '../status/status-snapshot.ts';
import type { Fight } from './repair-damper.ts';

/** Everything that alarms are raised about. */
export interface AlarmInputs {
  readonly nodeName: string;
  /** What is in force; null before the first turn, when nothing is known of endpoints and policies. */
  readonly resolution: Resolution | null;
  readonly interfaces: readonly NetworkInterface[];
  isExcluded(interfaceName: string): boolean;
  /** `spec.node` of all HostEndpoints of the datastore; the same array while they are the same. */
  readonly nodeNames: readonly string[];
  readonly problems: readonly Problem[];
  /** GlobalNetworkPolicies that select no endpoint anywhere. */
  readonly idlePolicies: readonly Policy[];
  readonly failsafes: Pick<DataplaneSettings, 'failsafeInbound' | 'failsafeOutbound'> | null;
  readonly observing: Observing;
  /** Another program that keeps changing our table. */
  readonly fight: Fight | null;
  /** URLs of etcd; empty for a directory of manifests. */
  readonly datastoreEndpoints: readonly string[];
  /** Faults of the daemon's own services, such as a port that is taken. */
  readonly serviceFaults: readonly { readonly code: string; readonly message: string }[];
}
