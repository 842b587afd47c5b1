import type { Problem } from '../base/problem.ts';

/** The whole state of the daemon at one moment, as plain data. Times are milliseconds since the epoch. */
export interface DaemonStatus {
  readonly version: string;
  readonly nodeName: string;
  readonly startedAt: number;
  /** A complete view of the datastore arrived in this process, and nothing keeps it from being enforced. */
  readonly inSync: boolean;
  readonly rulesInForce: RulesInForce;
  readonly observing: Observing;
  readonly datastore: DatastoreStatus;
  /** The last attempt to bring the kernel up to date; null: none in this process. */
  readonly lastApply: ApplyStatus | null;
  /** Null: nothing is under way. Otherwise since when one transaction has been waiting for the kernel. */
  readonly applyingSince: number | null;
  readonly transport: { readonly name: 'library' | 'process' | 'memory'; readonly version: string };
  readonly endpoints: readonly EndpointStatus[];
  readonly counts: StatusCounts;
  readonly problems: readonly Problem[];
  readonly alarms: readonly Alarm[];
}

/**
 * Which rules protect this host now. `none`: our table is absent. `boot`, `last-good`: what was loaded before
 * the datastore answered. `current`: what the datastore asks for. `flushed`: opened on purpose by an operator.
 */
export type RulesInForce = 'none' | 'boot' | 'last-good' | 'current' | 'flushed';

/** What is counted instead of denied. */
export interface Observing {
  /** All denials on this host. */
  readonly host: boolean;
  /** Those of these tiers, of the ones that have a policy for this host. */
  readonly tiers: readonly string[];
}

export interface DatastoreStatus {
  readonly type: 'etcdv3' | 'file';
  readonly connected: boolean;
  /** Since when `connected` has been as it is. */
  readonly since: number;
  /** Of the last complete view; 0 before the first. */
  readonly revision: number;
  /** ClusterInformation `default` says datastoreReady; null: it has not been seen. */
  readonly ready: boolean | null;
  /** Empty when unknown. */
  readonly clusterGUID: string;
}

export interface ApplyStatus {
  readonly at: number;
  readonly durationMs: number;
  readonly operations: number;
  /** Of the datastore's view that was applied. */
  readonly revision: number;
  /** Why it failed; null: it landed. */
  readonly error: string | null;
}

/** One HostEndpoint of this host; `error`: it matches no interface (Calico's endpoint status). */
export interface EndpointStatus {
  readonly name: string;
  /** Names, or `*`. */
  readonly interfaces: readonly string[];
  readonly state: 'up' | 'down' | 'error';
}

/** How much there is: in the kernel, on this host, in the datastore. */
export interface StatusCounts {
  readonly ruleset: {
    readonly chains: number;
    readonly rules: number;
    readonly sets: number;
    readonly setElements: number;
  };
  /** Policies that select an endpoint of this host. */
  readonly activePolicies: number;
  readonly activeSelectors: number;
  /** Objects in the datastore by Calico kind. */
  readonly objectsByKind: Readonly<Record<string, number>>;
  /** Distinct `spec.node` of all HostEndpoints. */
  readonly hosts: number;
}

/** Something an operator has to know now. `code` is stable and made for machines. */
export interface Alarm {
  readonly code: string;
  /** What it is about, as people call it: `HostEndpoint web01-eth0`; empty when it is about the daemon. */
  readonly objects: readonly string[];
  readonly message: string;
  readonly since: number;
}

/** How long the host counts as ready while the datastore is away, as in Felix. */
export const DATASTORE_GRACE_MS = 600_000;

/** How long one transaction may take before the daemon counts as hung; Felix's DataplaneWatchdogTimeout. */
export const APPLY_LIMIT_MS = 90_000;

/** In sync and applied, and the datastore not away for ten minutes. */
export function isReady(status: DaemonStatus, now: number): boolean {
  return isApplied(status) && !isDatastoreLost(status, now);
}

/** Whether the kernel holds what the datastore asked for last. */
export function isApplied(status: DaemonStatus): boolean {
  return status.inSync && status.rulesInForce === 'current' && status.lastApply?.error === null;
}

/** Whether the datastore has been away for so long that the rules may be out of date. */
export function isDatastoreLost({ datastore }: DaemonStatus, now: number): boolean {
  return !datastore.connected && now - datastore.since >= DATASTORE_GRACE_MS;
}

/** Whether the kernel answers: no transaction has been waiting for longer than `APPLY_LIMIT_MS`. */
export function isLive({ applyingSince }: DaemonStatus, now: number): boolean {
  return applyingSince === null || now - applyingSince < APPLY_LIMIT_MS;
}
