import type { Problem } from '../base/problem.ts';

export type {
  ExplainAnswer,
  ExplainRequest,
  KernelAnswer,
  PacketRequest,
  PolicyOutcome,
  RuleHitView,
  TrailLookup,
  TrailRule,
  TrailStep,
} from './wire-explain.ts';

/** Version of everything in this file; part of every path. Fields are added within a version, never changed. */
export const API_VERSION = 1;

/** Name of the socket in the daemon's `runDir`. */
export const SOCKET_NAME = 'rampartd.sock';

/** Where each call lives; `GET` reads, `POST` with a JSON object asks with more than a name fits, or acts. */
export const ROUTES = {
  version: { method: 'GET', path: '/v1/version' },
  status: { method: 'GET', path: '/v1/status' },
  endpoints: { method: 'GET', path: '/v1/endpoints' },
  policies: { method: 'GET', path: '/v1/policies' },
  sets: { method: 'GET', path: '/v1/sets' },
  /** Followed by `/` and the name of the set. */
  set: { method: 'GET', path: '/v1/sets' },
  counters: { method: 'GET', path: '/v1/counters' },
  ruleset: { method: 'GET', path: '/v1/ruleset' },
  diff: { method: 'GET', path: '/v1/diff' },
  supportBundle: { method: 'GET', path: '/v1/support-bundle' },
  explain: { method: 'POST', path: '/v1/explain' },
  simulate: { method: 'POST', path: '/v1/simulate' },
  reapply: { method: 'POST', path: '/v1/reapply' },
  flush: { method: 'POST', path: '/v1/flush' },
  trustDatastore: { method: 'POST', path: '/v1/trust-datastore' },
} as const;

/** Every answer that is not 2xx has this body. */
export interface ErrorAnswer {
  readonly error: {
    /** Stable and made for machines. */
    readonly code: ErrorCode;
    /** What is wrong, one sentence. */
    readonly message: string;
    /** What to do about it; empty when there is nothing to say. */
    readonly hint: string;
  };
}

/**
 * Codes with their HTTP status: `bad-request` 400, `not-found` 404, `method-not-allowed` 405, `not-ready` 503
 * (no complete view of the datastore yet, or nothing may be applied), `too-large` 413, `kernel` 502 (nftables
 * or conntrack refused), `timeout` 504, `internal` 500 (a bug).
 */
export type ErrorCode =
  | 'bad-request'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-ready'
  | 'too-large'
  | 'kernel'
  | 'timeout'
  | 'internal';

/** `GET /v1/version`. */
export interface VersionAnswer {
  readonly api: typeof API_VERSION;
  /** Of the daemon. */
  readonly version: string;
}

/** What the answer is about. Answers on policy describe what the datastore asks for now. */
export interface Basis {
  readonly nodeName: string;
  /** Revision of the datastore that the answer reflects. */
  readonly revision: number;
  /** The kernel holds exactly this. */
  readonly isApplied: boolean;
  /** Why it does not, one sentence; null when it does. */
  readonly pending: string | null;
}

/** Which rules protect the host; `flushed`: opened on purpose. */
export type RulesInForce = 'none' | 'boot' | 'last-good' | 'current' | 'flushed';

/** `GET /v1/status`. Times are milliseconds since the epoch. */
export interface StatusAnswer {
  readonly api: typeof API_VERSION;
  readonly version: string;
  readonly pid: number;
  readonly nodeName: string;
  readonly startedAt: number;
  readonly uptimeMs: number;
  /** A complete view of the datastore arrived, and nothing keeps it from being enforced. */
  readonly inSync: boolean;
  readonly rulesInForce: RulesInForce;
  readonly datastore: {
    readonly type: 'etcdv3' | 'file';
    readonly connected: boolean;
    /** Since when `connected` is as it is. */
    readonly since: number;
    readonly revision: number;
    /** Null: not seen yet. */
    readonly ready: boolean | null;
    /** Empty when unknown. */
    readonly clusterGUID: string;
  };
  /** Null: none in this process. */
  readonly lastApply: {
    readonly at: number;
    readonly durationMs: number;
    readonly operations: number;
    readonly revision: number;
    /** Null: it landed. */
    readonly error: string | null;
  } | null;
  readonly applyingSince: number | null;
  /** How nftables is reached; `version` is that of nftables. */
  readonly transport: { readonly name: 'library' | 'process' | 'memory'; readonly version: string };
  readonly endpoints: readonly EndpointState[];
  readonly counts: {
    readonly ruleset: {
      readonly chains: number;
      readonly rules: number;
      readonly sets: number;
      readonly setElements: number;
    };
    readonly activePolicies: number;
    readonly activeSelectors: number;
    readonly objectsByKind: Readonly<Record<string, number>>;
    readonly hosts: number;
  };
  readonly problems: readonly Problem[];
  readonly alarms: readonly {
    readonly code: string;
    readonly message: string;
    readonly since: number;
  }[];
  /** Null unless the host was opened with flush. */
  readonly flushed: FlushState | null;
}

/** One HostEndpoint of this host in short. */
export interface EndpointState {
  readonly name: string;
  /** Names, or `*`. */
  readonly interfaces: readonly string[];
  readonly state: 'up' | 'down' | 'error';
}

export interface FlushState {
  /** When the host was opened. */
  readonly since: number;
  /** When the rules come back by themselves; null: with `reapply` only. */
  readonly until: number | null;
}

export type Stage = 'untracked' | 'preDNAT' | 'normal' | 'forward';
export type Direction = 'ingress' | 'egress';

/** `GET /v1/endpoints`. */
export interface EndpointsAnswer {
  readonly basis: Basis;
  /** Ordered by name. */
  readonly endpoints: readonly EndpointView[];
  /** All interfaces of the host, ordered by name. */
  readonly interfaces: readonly InterfaceView[];
}

export interface EndpointView extends EndpointState {
  /** `spec.interfaceName`: a name, `*`, or empty. */
  readonly interfaceName: string;
  readonly expectedIPs: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Stages and directions in which policy is in force on it. */
  readonly stages: readonly StageCount[];
  readonly profiles: readonly { readonly name: string; readonly isMissing: boolean }[];
}

export interface StageCount {
  readonly stage: Stage;
  readonly direction: Direction;
  readonly policies: number;
}

export interface InterfaceView {
  readonly name: string;
  readonly running: boolean;
  readonly addresses: readonly string[];
  /** The HostEndpoint that governs it, the one of all interfaces (`*`) included; null: it is open. */
  readonly endpoint: string | null;
}

/** `GET /v1/policies[?endpoint=NAME]`. */
export interface PoliciesAnswer {
  readonly basis: Basis;
  readonly endpoints: readonly EndpointPolicies[];
}

/** The policies of one endpoint in the order in which a packet meets them. */
export interface EndpointPolicies {
  readonly endpoint: string;
  readonly interfaces: readonly string[];
  /** Stages without policy are left out. */
  readonly stages: readonly StagePolicies[];
  /** Asked after all tiers of the normal stage. */
  readonly profiles: readonly ProfileView[];
  /** What nothing decides is denied here; what conntrack calls invalid is as well. */
  readonly denies: readonly {
    readonly direction: Direction;
    readonly reason: 'end-of-endpoint' | 'conntrack-invalid';
    readonly counter: CounterView | null;
  }[];
}

export interface StagePolicies {
  readonly stage: Stage;
  readonly direction: Direction;
  readonly tiers: readonly TierView[];
}

export interface TierView {
  readonly name: string;
  /** What happens at its end; only the normal and forward stages deny. */
  readonly defaultAction: 'Deny' | 'Pass';
  readonly policies: readonly PolicyView[];
  /** Packets denied at its end; null when the end does not deny. */
  readonly endOfTier: CounterView | null;
}

export interface PolicyView {
  /** Place in its stage and direction over all tiers, from 1. */
  readonly position: number;
  /** As `GlobalNetworkPolicy allow-ssh`. */
  readonly name: string;
  /** Null: none was given, so it comes last. */
  readonly order: number | null;
  /** Canonical text. */
  readonly selector: string;
  readonly rules: readonly RuleView[];
}

export interface ProfileView {
  readonly name: string;
  /** It does not exist or cannot be read: it denies. */
  readonly isMissing: boolean;
  readonly ingress: readonly RuleView[];
  readonly egress: readonly RuleView[];
}

export interface RuleView {
  /** Position in `spec.ingress` or `spec.egress`, from 0. */
  readonly index: number;
  readonly action: 'Allow' | 'Deny' | 'Pass' | 'Log';
  /** The conditions in words, such as `TCP from 10.0.0.0/8 to ports 22, 8000-8010`; `anything` without any. */
  readonly text: string;
  /** Why the rule can never match; null for an ordinary rule. */
  readonly neverMatches: string | null;
  /** Sets that the rule asks, by id. */
  readonly sets: readonly string[];
  /** Null when no packet can get here, or nothing is in the kernel. Counts in all stages and on all endpoints. */
  readonly counter: CounterView | null;
}

/** A named counter of the kernel. */
export interface CounterView {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

/** `GET /v1/sets`. */
export interface SetsAnswer {
  readonly basis: Basis;
  /** Ordered by description. */
  readonly sets: readonly SetView[];
}

export interface SetView {
  readonly id: string;
  readonly kind: 'selector' | 'named-port';
  /** Canonical selector; for named ports the name and protocol as well. */
  readonly description: string;
  readonly ipv4: SetFamilyView;
  readonly ipv6: SetFamilyView;
  /** Objects whose rules ask it, as `GlobalNetworkPolicy allow-ssh`. */
  readonly usedBy: readonly string[];
}

export interface SetFamilyView {
  /** Name of the nftables set; null when no rule in the kernel needs this family. */
  readonly name: string | null;
  readonly kind: 'hash' | 'interval' | 'named-port';
  readonly size: number;
}

/** `GET /v1/sets/NAME[?offset=N&limit=N]`; NAME is an id or the name of an nftables set. */
export interface SetAnswer {
  readonly basis: Basis;
  readonly set: SetView;
  /** IPv4 first, each family in byte order. */
  readonly members: readonly MemberView[];
  readonly offset: number;
  readonly total: number;
}

export interface MemberView {
  /** An address, a CIDR, or `address . protocol number . port`. */
  readonly member: string;
  readonly family: 4 | 6;
  /** The objects it comes from, as `GlobalNetworkSet offices`. */
  readonly from: readonly string[];
}

/** `GET /v1/counters`. */
export interface CountersAnswer {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Ordered by name. */
  readonly counters: readonly OwnedCounter[];
}

export interface OwnedCounter extends CounterView {
  /** Whom it counts for: `GlobalNetworkPolicy allow-ssh`, `HostEndpoint eth0`; empty when nobody is known. */
  readonly object: string;
  readonly direction: Direction | null;
  /** Index of the rule; null when it does not belong to a rule. */
  readonly rule: number | null;
  /** `rule 0: Allow TCP to ports 22`, `end of tier default`, `conntrack state invalid`. */
  readonly text: string;
}

/** `GET /v1/ruleset`. */
export interface RulesetAnswer {
  /** As `nft list table inet rampart` prints it; empty when there is no table. */
  readonly text: string;
}

/** `GET /v1/diff`. */
export interface DiffAnswer {
  readonly basis: Basis;
  readonly isTablePresent: boolean;
  /** Empty: the kernel holds what it should, as far as this looks. */
  readonly differences: readonly Difference[];
  /** How much was compared. */
  readonly compared: {
    readonly chains: number;
    readonly rules: number;
    readonly sets: number;
    readonly elements: number;
    readonly counters: number;
  };
  /** What such a comparison cannot see, one sentence. */
  readonly limits: string;
}

export interface Difference {
  readonly kind: 'table' | 'chain' | 'rule' | 'set' | 'element' | 'counter' | 'foreign';
  /** `missing`: should be there; `unexpected`: should not; `different`: is there, and is not as it should be. */
  readonly problem: 'missing' | 'unexpected' | 'different';
  /** The chain, set, counter or object. */
  readonly name: string;
  /** For people. */
  readonly detail: string;
}

/** `POST /v1/simulate`: all objects that the datastore would hold, in place of those it holds. */
export interface SimulateRequest {
  readonly objects: readonly {
    /** `/calico/resources/v3/projectcalico.org/<plural>/[<namespace>/]<name>`. */
    readonly key: string;
    /** The JSON text as it would be stored. */
    readonly value: string;
  }[];
}

export interface SimulateAnswer {
  readonly basis: Basis;
  /** Of the new objects. */
  readonly problems: readonly Problem[];
  readonly flows: {
    /** Flows that conntrack knows and that were judged. */
    readonly judged: number;
    /** Flows that cannot be judged: over interfaces nobody can tell, or of a kind that policy does not see. */
    readonly notJudged: number;
    readonly changed: readonly FlowChange[];
  };
  readonly rules: {
    /** Rules in force that have counted packets. */
    readonly counted: number;
    /** Those of them that are gone, act otherwise or match otherwise under the new objects. */
    readonly changed: readonly RuleChange[];
  };
  /** HostEndpoints that come or go on this host. */
  readonly endpoints: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

/** A connection whose first packet would be judged otherwise. */
export interface FlowChange {
  readonly protocol: number;
  readonly path: 'input' | 'output' | 'forward' | 'loopback';
  readonly interfaceName: string;
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
  readonly before: 'allow' | 'deny';
  readonly after: 'allow' | 'deny';
  /** What decides now and what would decide, one phrase each. */
  readonly why: { readonly before: string; readonly after: string };
  /** The connection's own packets go on as established unless untracked policy judges them or it is cut. */
  readonly text: string;
}

export interface RuleChange {
  /** As in `OwnedCounter`. */
  readonly object: string;
  readonly direction: Direction;
  readonly rule: number;
  readonly packets: number;
  readonly bytes: number;
  readonly change: 'gone' | 'action' | 'conditions' | 'moved';
  /** For people, such as `Allow TCP to ports 22 → Deny TCP to ports 22`. */
  readonly text: string;
}

/** `POST /v1/reapply`, with `{}`: answered when the rules are in the kernel. */
export interface ReapplyAnswer {
  readonly at: number;
  readonly durationMs: number;
  readonly operations: number;
  readonly revision: number;
  /** The host had been opened with flush. */
  readonly wasFlushed: boolean;
}

/** `POST /v1/flush`. Opens this host. */
export interface FlushRequest {
  /** After how long the rules come back; null: with `reapply` only. At least 1000. */
  readonly forMs: number | null;
}

/** Answered when the table is gone. */
export interface FlushAnswer extends FlushState {
  /** False: there was no table. */
  readonly wasProtected: boolean;
}

/** `POST /v1/trust-datastore`, with `{}`. */
export interface TrustAnswer {
  /** Of the cluster that this host trusts from now on. */
  readonly clusterGUID: string;
  /** The one it trusted before; null: none. */
  readonly previous: string | null;
}

/** `GET /v1/support-bundle`: what a bug report needs, without secrets. */
export interface SupportBundleAnswer {
  readonly at: number;
  readonly status: StatusAnswer;
  readonly versions: Readonly<Record<string, string>>;
  /** The configuration in force; secrets are replaced by `(hidden)`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly interfaces: readonly InterfaceView[];
  /** As in `RulesetAnswer`. */
  readonly ruleset: string;
  readonly counters: readonly CounterView[];
}
