/**
 * What goes over the local API, version 1; docs/local-api.md explains it. These types are the contract with
 * scripts and older tools: fields are added, never renamed or taken away. Moments are ISO 8601 text.
 */

/** Where the socket is in the run directory. */
export const SOCKET_NAME = 'rampartd.sock';

export interface ErrorAnswer {
  readonly error: {
    /** A stable word for machines, kebab-case. */
    readonly code: string;
    readonly message: string;
  };
}

export interface StatusAnswer {
  readonly version: string;
  readonly nodeName: string;
  readonly startedAt: string;
  readonly inSync: boolean;
  /** `none`, `boot`, `last-good`, `current`, `flushed`. */
  readonly rulesInForce: string;
  /** `observe`: nothing is denied on this host. */
  readonly enforcement: 'enforce' | 'observe';
  /** Tiers that have a policy for this host and observe. */
  readonly observedTiers: readonly string[];
  /** What would have been denied since that began; null where everything is enforced, or the kernel does not say. */
  readonly wouldDeny: Hits | null;
  /** Until when the host is open on purpose, `forever` until `reapply`; null: it is not. */
  readonly flushedUntil: string | null;
  readonly rollback: RollbackView;
  readonly datastore: {
    readonly type: string;
    readonly connected: boolean;
    readonly since: string;
    readonly revision: number;
    readonly ready: boolean | null;
    readonly clusterGUID: string;
  };
  /** Null: nothing was tried in this process. */
  readonly lastApply: {
    readonly at: string;
    readonly durationMs: number;
    readonly operations: number;
    readonly revision: number;
    /** Null: it landed. */
    readonly error: string | null;
  } | null;
  readonly applyingSince: string | null;
  readonly transport: { readonly name: string; readonly version: string };
  readonly endpoints: readonly {
    readonly name: string;
    readonly interfaces: readonly string[];
    readonly state: string;
  }[];
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
  readonly problems: readonly {
    readonly severity: string;
    readonly code: string;
    readonly object: string;
    readonly field: string;
    readonly message: string;
  }[];
  readonly alarms: readonly {
    readonly code: string;
    readonly objects: readonly string[];
    readonly message: string;
    readonly since: string;
  }[];
}

/** Where confirming a change of the rules stands. */
export interface RollbackView {
  /** `normal`; `watching`: rules changed and may come back; `rolled-back`: they did; `stuck`: they could not. */
  readonly state: string;
  /** `watching`: `daemon`, or `operator` where one has to confirm; else null. */
  readonly by: string | null;
  /** `watching`: when it ends, and in how many seconds; else null. */
  readonly until: string | null;
  readonly secondsLeft: number | null;
  /** `rolled-back` and `stuck`: `datastore-lost`, `ssh-lost` or `not-confirmed`, and since when; else null. */
  readonly reason: string | null;
  readonly since: string | null;
  /** What changed. */
  readonly objects: readonly string[];
  /** Of the datastore; null in `normal`. */
  readonly revision: number | null;
}

export interface RollbackAnswer extends RollbackView {
  /** Manifests in force that are not in the directory yet, by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Manifests that take the place of files of the directory, until they are confirmed or the time is over. */
export interface ApplyRequest {
  readonly seconds: number;
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ApplyAnswer {
  readonly until: string;
  /** What changed; none where no rule of this host did. */
  readonly objects: readonly string[];
}

export interface ConfirmAnswer {
  /** What was confirmed: `watching`, `rolled-back` or `stuck`. */
  readonly confirmed: string;
  readonly objects: readonly string[];
  /** Null: no rule had to be written. */
  readonly applied: { readonly operations: number; readonly durationMs: number } | null;
}

/** What was counted; null where nothing is counted or the counter is not in the kernel. */
export interface Hits {
  readonly packets: number;
  readonly bytes: number;
}

export interface RuleView {
  /** Position in the `ingress` or `egress` list, from 0. */
  readonly index: number;
  readonly action: string;
  /** What it asks for, in words. */
  readonly text: string;
  readonly hits: Hits | null;
  /** What it would have denied but for somebody observing. */
  readonly wouldDeny: Hits | null;
}

export interface PolicyView {
  /** `GlobalNetworkPolicy allow-ssh`, `profile web`. */
  readonly name: string;
  readonly rules: readonly RuleView[];
}

export interface TierView {
  readonly name: string;
  readonly defaultAction: string;
  /** `enforce`, `observe`. */
  readonly enforcement: string;
  readonly policies: readonly PolicyView[];
  /** What the end of the tier denied; null where it denies nothing. */
  readonly endHits: Hits | null;
  /** What it would have denied but for somebody observing. */
  readonly endWouldDeny: Hits | null;
}

/** What one endpoint asks in one stage and direction, in the order in which it asks. */
export interface StageView {
  /** `untracked`, `preDNAT`, `normal`, `forward`. */
  readonly stage: string;
  readonly direction: string;
  readonly tiers: readonly TierView[];
  /** Asked after all tiers of the normal stage; empty in the others. */
  readonly profiles: readonly PolicyView[];
  /** What was denied because nothing decided, and because conntrack calls it invalid; null outside the normal stage. */
  readonly denied: { readonly undecided: Hits | null; readonly invalid: Hits | null } | null;
  /** The same of what would have been denied but for this host observing. */
  readonly wouldDeny: StageView['denied'];
}

export interface PoliciesAnswer {
  readonly endpoints: readonly {
    readonly name: string;
    readonly interfaces: readonly string[];
    readonly stages: readonly StageView[];
  }[];
}

export interface EndpointsAnswer {
  readonly endpoints: readonly {
    readonly name: string;
    readonly interfaces: readonly string[];
    readonly state: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly expectedIPs: readonly string[];
    readonly profiles: readonly string[];
  }[];
  readonly interfaces: readonly {
    readonly name: string;
    readonly running: boolean;
    readonly addresses: readonly string[];
    /** The endpoint that governs it; null: everything passes. */
    readonly endpoint: string | null;
  }[];
}

export interface SetView {
  readonly id: string;
  /** `selector` or `named-port`. */
  readonly kind: string;
  /** The selector and, for named ports, protocol and name. */
  readonly description: string;
  readonly members: { readonly ipv4: number; readonly ipv6: number };
}

export interface SetsAnswer {
  readonly sets: readonly SetView[];
}

export interface SetAnswer extends SetView {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

export interface CountersAnswer {
  readonly at: string;
  readonly counters: readonly (Hits & { readonly name: string })[];
}

/** A packet, with the fields of `Packet` in src/net/packet.ts; those that can be guessed may be left out. */
export type PacketDocument = Readonly<Record<string, unknown>>;

/** One nftables rule that had a part in the decision. */
export interface DecisiveRule {
  readonly chain: string;
  /** In nft's own syntax. */
  readonly rule: string;
  readonly counter: string;
  readonly hits: Hits | null;
}

export interface ExplainAnswer {
  readonly packet: PacketDocument;
  readonly verdict: 'allow' | 'deny';
  readonly denial: 'drop' | 'reject' | null;
  /** The verdict if this host and all tiers enforced. */
  readonly enforced: 'allow' | 'deny';
  /** What would deny it but for somebody observing, in words. */
  readonly wouldDeny: readonly string[];
  readonly tracked: boolean;
  /** Steps in order of evaluation, each with its `kind`; their fields are those of src/explain/step.ts. */
  readonly trail: readonly { readonly kind: string }[];
  /** The nftables rules behind the steps that decided. */
  readonly rules: readonly DecisiveRule[];
  /** Policies that stages did not ask, and why. */
  readonly passedOver: readonly {
    readonly stage: string;
    readonly direction: string;
    readonly policy: string;
    readonly reason: string;
  }[];
  /** Members of sets that matched, and the objects that put them there. */
  readonly members: readonly {
    readonly setId: string;
    readonly description: string;
    readonly member: string;
    readonly objects: readonly string[];
  }[];
  /** As in the status: what is explained is in force only when this is `current`. */
  readonly rulesInForce: string;
}

export interface DesiredAnswer {
  readonly revision: number;
  /** For `nft -f`: what the kernel should hold, counters at zero. */
  readonly ruleset: string;
}

/** What policy says about this host, complete, for tools that evaluate it themselves. */
export interface PolicyViewAnswer {
  readonly nodeName: string;
  readonly interfaces: EndpointsAnswer['interfaces'];
  /** `LocalEndpoint` of src/policy; numbers that JSON cannot hold are null. */
  readonly endpoints: readonly object[];
  readonly sets: readonly SetAnswer[];
  /** `ExplainSettings` of src/explain. */
  readonly settings: object;
}

export interface ReapplyAnswer {
  /** Null: nothing had to be written. */
  readonly applied: { readonly operations: number; readonly durationMs: number } | null;
  readonly revision: number;
}

/** Opens the host on purpose. */
export interface FlushRequest {
  /** For how long; null: until `reapply`. */
  readonly seconds: number | null;
}

export interface FlushAnswer {
  /** `forever`: until `reapply`. */
  readonly until: string;
}

/** What connection tracking knows, each flow as the packet that would begin it now. */
export interface ConnectionsAnswer {
  readonly connections: readonly {
    readonly packet: PacketDocument;
    /** What the policy in force says of it. */
    readonly verdict: 'allow' | 'deny';
    /** The same if this host enforced; tiers that observe go on observing. */
    readonly enforcing: 'allow' | 'deny';
  }[];
  /** Flows of which the interfaces are not known, and flows beyond the limit. */
  readonly notLookedAt: number;
}

export interface StagedJudgement {
  readonly verdict: 'allow' | 'deny';
  /** What decides, in words. */
  readonly by: string;
}

/** A flow whose verdict a staged policy would change. */
export interface StagedFlowView {
  readonly at: string;
  /** `input`, `output`, `forward`, `loopback`. */
  readonly path: string;
  /** The side of the policy that is asked; `both` for routed and loopback packets. */
  readonly direction: 'ingress' | 'egress' | 'both';
  /** Empty where it does not come in, or leave, by an interface. */
  readonly iifname: string;
  readonly oifname: string;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
  readonly icmpType: number | null;
  readonly now: StagedJudgement;
  readonly then: StagedJudgement;
}

/** What one staged policy, or all together, would have changed. */
export interface StagedView {
  /** `StagedGlobalNetworkPolicy web`; empty for all together, as are action and tier. */
  readonly name: string;
  /** `Set`, `Delete`, `Learn`, `Ignore`. */
  readonly action: string;
  readonly tier: string;
  /** False: it proposes no rules (Learn, Ignore), or is beyond the number that is evaluated one by one. */
  readonly evaluated: boolean;
  /** Since when flows have been counted: since the policy is as it is. */
  readonly since: string;
  readonly judged: number;
  readonly allowToDeny: number;
  readonly denyToAllow: number;
  /** The latest ones, latest first. */
  readonly examples: readonly StagedFlowView[];
}

export interface StagedAnswer {
  /** Staged policies that concern this host, by name. */
  readonly policies: readonly StagedView[];
  /** With all of them; null: none proposes anything. */
  readonly together: StagedView | null;
  /** Flows that were seen and not judged. */
  readonly notJudged: number;
  /** Why the flows of this host could not be read; null: they could. */
  readonly error: string | null;
}

/** Which of the live connections that the policy in force refuses are meant. */
export interface CutRequest {
  /** True: say what would be cut, and cut nothing. */
  readonly dryRun: boolean;
  /** Addresses and networks, one of which must have an end of the connection; empty: all. */
  readonly nets: readonly string[];
  /** The host endpoint that refuses; null: any. */
  readonly endpoint: string | null;
  /** With `dryRun`: look at so many connections; null or absent: at all. */
  readonly atMost?: number | null;
}

export interface CutAnswer {
  readonly dryRun: boolean;
  /** Connections that were judged. */
  readonly lookedAt: number;
  /** Those of which the interfaces are not known, and those that another one announced (state `related`), and those beyond `atMost`. */
  readonly notLookedAt: number;
  /** Connections that the policy in force refuses and that are meant. */
  readonly refused: number;
  readonly cut: number;
  /** Connections that the kernel would not delete. */
  readonly failed: number;
  /** By what refuses them, most connections first; the first hundred. */
  readonly byRule: readonly { readonly because: string; readonly flows: number }[];
  /** The first thousand. */
  readonly flows: readonly {
    /** The packet that would begin it now. */
    readonly packet: PacketDocument;
    readonly because: string;
    readonly endpoint: string;
    /** It was cut, but policy allows the packets of the other side, which may begin it anew. */
    readonly mayResume: boolean;
  }[];
}

export interface TrustAnswer {
  readonly clusterGUID: string;
  /** The cluster that was trusted before; null: none. */
  readonly before: string | null;
}

/** Which denied flows are meant. */
export interface FlowsRequest {
  /** Those with numbers above this. */
  readonly after: number;
  /** The latest of them, at most so many. */
  readonly limit: number;
}

/** A packet that policy denied. */
export interface FlowView {
  /** Grows by one with each. */
  readonly number: number;
  readonly at: string;
  /** `would-deny`: this host observes. */
  readonly verdict: 'denied' | 'would-deny';
  readonly direction: 'ingress' | 'egress' | null;
  readonly interface: string;
  readonly endpoint: string;
  readonly stage: 'untracked' | 'preDNAT' | 'local' | 'forward' | null;
  /**
   * `rule`: a rule of a policy or profile. `tier`, `endpoint`: nothing decided until the end of one. `invalid`: as
   * conntrack calls it. `replaced`: by rules that are in force no more.
   */
  readonly reason: 'rule' | 'tier' | 'endpoint' | 'invalid' | 'replaced';
  /** Empty without one, as are kind, namespace and policy. */
  readonly tier: string;
  readonly kind: string;
  readonly namespace: string;
  readonly policy: string;
  /** Position from 0. */
  readonly rule: number | null;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly tcpFlags: readonly string[] | null;
}

export interface FlowsAnswer {
  /** False: `flows.denied` is off. */
  readonly enabled: boolean;
  /** Why there are none though it is on; null while all is well. */
  readonly fault: string | null;
  /** Oldest first. */
  readonly flows: readonly FlowView[];
  /** The number of the latest flow of all; 0 before the first. */
  readonly last: number;
  /** Packets that the kernel logged and that came too fast to be read. */
  readonly lost: number;
}
