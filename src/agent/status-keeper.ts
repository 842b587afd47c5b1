import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { TransportInfo } from '../nftables-json/nftables.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type {
  Alarm,
  ApplyStatus,
  DaemonStatus,
  RulesInForce,
  StatusCounts,
} from '../status/status-snapshot.ts';
import type { LoopObserver, LoopView, TurnReport } from './loop.ts';

/** What does not change while the daemon runs. */
export interface Identity {
  readonly version: string;
  readonly nodeName: string;
  readonly datastoreType: 'etcdv3' | 'file';
  readonly transport: TransportInfo;
}

/** Something that an operator has to know for as long as it lasts. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}

/** What the keeper asks when a snapshot is wanted. */
export interface StatusInputs {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loop: () => LoopView;
  /** Faults of the daemon's own services, such as a port that is taken. */
  readonly faults: () => readonly Fault[];
}

/** Remembers what the loop reports and tells the state of the daemon as plain data. */
export class StatusKeeper implements LoopObserver {
  readonly #inputs: StatusInputs;
  readonly #startedAt: number;
  #connection: { readonly isConnected: boolean; readonly since: number };
  #lastApply: ApplyStatus | null = null;
  #lastTurn: TurnReport | null = null;
  #rulesInForce: RulesInForce = 'none';
  #applyingSince: number | null = null;
  #alarms = new Map<string, Alarm>();

  constructor(inputs: StatusInputs) {
    this.#inputs = inputs;
    this.#startedAt = inputs.clock.now();
    this.#connection = { isConnected: false, since: this.#startedAt };
  }

  /** What an earlier process left in the kernel. */
  found(rules: RulesInForce): void {
    if (this.#lastTurn === null) this.#rulesInForce = rules;
  }

  updated(): void {
    // Counted by the metrics; the state itself is asked of the loop.
  }

  connected(isConnected: boolean): void {
    if (this.#connection.isConnected === isConnected) return;
    this.#connection = { isConnected, since: this.#inputs.clock.now() };
  }

  turning(): void {
    this.#applyingSince = this.#inputs.clock.now();
  }

  turned(report: TurnReport): void {
    const { written, revision } = report;
    this.#applyingSince = null;
    this.#lastTurn = report;
    this.#rulesInForce = 'current';
    const at = this.#inputs.clock.now();
    if (written !== null) this.#lastApply = { at, ...written, revision, error: null };
    else if (this.#lastApply?.error !== null) {
      this.#lastApply = { at, durationMs: 0, operations: 0, revision, error: null };
    }
  }

  failed(error: Error): void {
    this.#applyingSince = null;
    const at = this.#inputs.clock.now();
    const revision = this.#inputs.loop().revision;
    this.#lastApply = { at, durationMs: 0, operations: 0, revision, error: error.message };
  }

  foreignChange(): void {
    // Logged by the loop and counted by the metrics.
  }

  /** The state now. */
  snapshot(): DaemonStatus {
    const { identity } = this.#inputs;
    const loop = this.#inputs.loop();
    const { clusterInformation } = loop;
    return {
      version: identity.version,
      nodeName: identity.nodeName,
      startedAt: this.#startedAt,
      inSync: loop.isInSync && loop.isGateOpen,
      rulesInForce: this.#rulesInForce,
      datastore: {
        type: identity.datastoreType,
        connected: this.#connection.isConnected,
        since: this.#connection.since,
        revision: loop.revision,
        ready: clusterInformation?.datastoreReady ?? null,
        clusterGUID: clusterInformation?.clusterGUID ?? '',
      },
      lastApply: this.#lastApply,
      applyingSince: this.#applyingSince,
      transport: { name: identity.transport.transport, version: identity.transport.version },
      endpoints: endpointStatus(this.#lastTurn),
      counts: statusCounts(this.#lastTurn, loop),
      problems: loop.problems,
      alarms: this.#presentAlarms(loop),
    };
  }

  // An alarm keeps the time at which it began for as long as it lasts.
  #presentAlarms(loop: LoopView): readonly Alarm[] {
    const wanted = [...alarmsOf(loop, this.#lastTurn), ...this.#inputs.faults()];
    const since = this.#inputs.clock.now();
    const alarms = new Map<string, Alarm>();
    for (const { code, message } of wanted) {
      const known = this.#alarms.get(code);
      if (known === undefined) this.#inputs.logger.warn({ alarm: code }, message);
      alarms.set(code, { code, message, since: known?.since ?? since });
    }
    this.#alarms = alarms;
    return [...alarms.values()];
  }
}

function alarmsOf(loop: LoopView, turn: TurnReport | null): readonly Fault[] {
  const gate = loop.problems.filter(({ object }) => object === 'ClusterInformation default');
  const isUnprotected = turn !== null && turn.resolution.policy.endpoints.length === 0;
  if (!isUnprotected) return gate;
  const message =
    'no host endpoint governs an interface of this host: nothing protects it. Create a HostEndpoint with spec.node set to the name of this node';
  return [...gate, { code: 'nothing-protects-this-host', message }];
}

function endpointStatus(turn: TurnReport | null): DaemonStatus['endpoints'] {
  return (turn?.resolution.governed ?? []).map(({ hostEndpoint, interfaces, state }) => ({
    name: hostEndpoint.name,
    interfaces: interfaces === '*' ? ['*'] : interfaces,
    state,
  }));
}

function statusCounts(turn: TurnReport | null, loop: LoopView): StatusCounts {
  return {
    ruleset: rulesetCounts(turn?.ruleset ?? null),
    activePolicies: turn === null ? 0 : activePolicies(turn.resolution.policy),
    activeSelectors: turn?.resolution.policy.sets.size ?? 0,
    objectsByKind: Object.fromEntries(loop.counts),
    hosts: loop.hosts,
  };
}

function rulesetCounts(ruleset: Ruleset | null): StatusCounts['ruleset'] {
  const chains = [...(ruleset?.chains.values() ?? [])];
  const sets = [...(ruleset?.sets.values() ?? [])];
  return {
    chains: chains.length,
    rules: chains.reduce((sum, { rules }) => sum + rules.length, 0),
    sets: sets.length,
    setElements: sets.reduce((sum, { elements }) => sum + elements.size, 0),
  };
}

function activePolicies({ endpoints }: LocalPolicy): number {
  const policies = endpoints
    .flatMap(({ untracked, preDNAT, normal }) => [...untracked, ...preDNAT, ...normal])
    .flatMap(({ ingress, egress }) => [...ingress, ...egress]);
  return new Set(policies).size;
}
