import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ForeignChange, TransportInfo } from '../nftables-json/nftables.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type {
  ApplyStatus,
  DaemonStatus,
  RulesInForce,
  StatusCounts,
} from '../status/status-snapshot.ts';
import { AlarmBoard } from './alarms-board.ts';
import { alarmsOf } from './alarms.ts';
import type { AlarmInputs } from './alarms-inputs.ts';
import type { LoopObserver } from './loop-ports.ts';
import type { LoopView } from './loop-view.ts';
import type { TurnReport } from './turn-report.ts';
import { observingOf } from './observing.ts';

/** What does not change while the daemon runs. */
export interface Identity {
  readonly version: string;
  readonly nodeName: string;
  readonly datastoreType: 'etcdv3' | 'file';
  readonly transport: TransportInfo;
}

/** What the keeper asks when a snapshot is wanted. */
export interface StatusInputs {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loop: () => LoopView;
  /** What alarms are raised about beside what the loop knows. */
  readonly alarms: () => OtherAlarmInputs;
}

/** What alarms depend on that others than the loop know. */
export type OtherAlarmInputs = Pick<
  AlarmInputs,
  'isExcluded' | 'idlePolicies' | 'failsafes' | 'datastoreEndpoints' | 'serviceFaults'
>;

/** Remembers what the loop reports and tells the state of the daemon as plain data. */
export class StatusKeeper implements LoopObserver {
  readonly #inputs: StatusInputs;
  readonly #startedAt: number;
  #connection: { readonly isConnected: boolean; readonly since: number };
  #lastApply: ApplyStatus | null = null;
  #lastTurn: TurnReport | null = null;
  #rulesInForce: RulesInForce = 'none';
  #applyingSince: number | null = null;
  readonly #board: AlarmBoard;

  constructor(inputs: StatusInputs) {
    this.#inputs = inputs;
    this.#board = new AlarmBoard(inputs.logger);
    this.#startedAt = inputs.clock.now();
    this.#connection = { isConnected: false, since: this.#startedAt };
  }

  /** What is known to be in force. */
  get rulesInForce(): RulesInForce {
    return this.#rulesInForce;
  }

  /** What an earlier process, or the boot unit, left in the kernel. */
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

  /** Whether a turn that ended well tells more than the one before: something other than members of sets and the revision. */
  isNews(report: TurnReport): boolean {
    if (this.#lastTurn === null || this.#rulesInForce === 'flushed') return true;
    return this.#lastApply?.error !== null || !enforceTheSame(this.#lastTurn, report);
  }

  turned(report: TurnReport): void {
    const { written, revision } = report;
    this.#applyingSince = null;
    this.#lastTurn = report;
    const isBehind = report.isSaved || report.isHeld === true;
    this.#rulesInForce = isBehind ? 'last-good' : 'current';
    const at = this.#inputs.clock.now();
    if (written !== null) this.#lastApply = { at, ...written, revision, error: null };
    else if (this.#lastApply?.error !== null) {
      this.#lastApply = { at, durationMs: 0, operations: 0, revision, error: null };
    }
  }

  failed(error: Error): void {
    this.#applyingSince = null;
    this.#fail(error.message);
  }

  flushed(): void {
    this.#applyingSince = null;
    this.#rulesInForce = 'flushed';
  }

  restored(): void {
    if (this.#rulesInForce === 'flushed')
      this.#rulesInForce = this.#lastTurn === null ? 'last-good' : 'current';
  }

  foreignChange({ what }: ForeignChange): void {
    // Until the table is written again the kernel does not hold what is wanted.
    this.#fail(`somebody else changed our table (${what}), and it is not yet written again`);
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
      observing: observingOf(this.#lastTurn),
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
      alarms: this.#board.raise(alarmsOf(this.#alarmInputs(loop)), this.#inputs.clock.now()),
    };
  }

  /** The last turn that ended well; null before the first. */
  get lastTurn(): TurnReport | null {
    return this.#lastTurn;
  }

  #fail(error: string): void {
    const at = this.#inputs.clock.now();
    const revision = this.#inputs.loop().revision;
    this.#lastApply = { at, durationMs: 0, operations: 0, revision, error };
  }

  #alarmInputs({ interfaces, nodeNames, problems, fight }: LoopView): AlarmInputs {
    const { nodeName } = this.#inputs.identity;
    const resolution = this.#lastTurn?.resolution ?? null;
    const observing = observingOf(this.#lastTurn);
    const known = { nodeName, resolution, interfaces, nodeNames, problems, fight, observing };
    return { ...known, ...this.#inputs.alarms() };
  }
}

// Parts that did not change are the same objects.
function enforceTheSame(one: TurnReport, other: TurnReport): boolean {
  const { policy, governed } = one.resolution;
  return (
    policy.endpoints === other.resolution.policy.endpoints &&
    governed === other.resolution.governed &&
    one.problemsVersion === other.problemsVersion &&
    one.isSaved === other.isSaved &&
    one.isHeld === other.isHeld &&
    one.enforcement === other.enforcement &&
    one.clusterInformation === other.clusterInformation
  );
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

// Chains stay the same objects while only members of sets change.
const ruleNumbers = new WeakMap<Ruleset['chains'], number>();

function rulesetCounts(ruleset: Ruleset | null): StatusCounts['ruleset'] {
  if (ruleset === null) return { chains: 0, rules: 0, sets: 0, setElements: 0 };
  const { chains, sets } = ruleset;
  const rules = ruleNumbers.get(chains) ?? countRules(chains);
  ruleNumbers.set(chains, rules);
  let setElements = 0;
  for (const { elements } of sets.values()) setElements += elements.size;
  return { chains: chains.size, rules, sets: sets.size, setElements };
}

function countRules(chains: Ruleset['chains']): number {
  let number = 0;
  for (const { rules } of chains.values()) number += rules.length;
  return number;
}

const policyNumbers = new WeakMap<LocalPolicy['endpoints'], number>();

function activePolicies({ endpoints }: LocalPolicy): number {
  const number = policyNumbers.get(endpoints) ?? countPolicies(endpoints);
  policyNumbers.set(endpoints, number);
  return number;
}

function countPolicies(endpoints: LocalPolicy['endpoints']): number {
  const policies = endpoints
    .flatMap(({ untracked, preDNAT, normal }) => [...untracked, ...preDNAT, ...normal])
    .flatMap(({ ingress, egress }) => [...ingress, ...egress]);
  return new Set(policies).size;
}
