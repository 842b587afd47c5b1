import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import { ControlError } from '../control/handler.ts';
import type { ControlHandler } from '../control/handler.ts';
import type {
  ConnectionsAnswer,
  CountersAnswer,
  ExplainAnswer,
  FlushAnswer,
  PolicyViewAnswer,
  ReapplyAnswer,
  SetAnswer,
  StatusAnswer,
  TrustAnswer,
} from '../control/wire.ts';
import type { HistoryAnswer } from '../report/history.ts';
import { explainPacket } from '../explain/explain.ts';
import { passedOver } from '../explain/passed-over.ts';
import { readPacket } from '../explain/read-packet.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { Routes } from '../host/routes.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import { nftText } from '../ruleset/nft-text.ts';
import { matchedMembers } from './matched-members.ts';
import type { ConnectionCutter } from './connection-cutter.ts';
import { cutAnswer } from './control-cut.ts';
import { FlowWays } from './flow-ways.ts';
import { liveConnections } from './live-connections.ts';
import type { Judge } from './refused-flow.ts';
import { readFlush } from './read-flush.ts';
import type { Flushed } from './flushed.ts';
import { endpointsAnswer, setAnswer, setsAnswer } from './control-objects.ts';
import { policiesAnswer } from './control-policies.ts';
import type { HitsOf } from './control-policies.ts';
import { flowsAnswer } from './control-flows.ts';
import type { DeniedFlows } from './denied-flows.ts';
import { applyWithRollback, confirm, rollbackAnswer, rollbackView } from './control-rollback.ts';
import type { RollbackControlInputs } from './control-rollback.ts';
import { stagedAnswer } from './control-staged.ts';
import { statusAnswer } from './control-status.ts';
import { decisiveRules } from './decisive-rules.ts';
import type { History } from './history.ts';
import type { LastGood, Programmed } from './last-good.ts';
import type { Loop, TurnReport } from './loop.ts';
import { wouldDenyTotal } from './observing.ts';
import { policyInForce } from './policy-in-force.ts';
import type { StagedWatch } from './staged-watch.ts';
import type { StatusKeeper } from './status-keeper.ts';
import type { TrustedCluster } from './trusted-cluster.ts';
import type { TurnWaiter } from './turn-waiter.ts';

/** What the local API asks and moves. */
export interface ControlInputs extends RollbackControlInputs {
  readonly nodeName: string;
  readonly clock: Clock;
  readonly nftables: Pick<Nftables, 'counters'>;
  readonly keeper: Pick<StatusKeeper, 'snapshot' | 'lastTurn'>;
  readonly loop: Pick<Loop, 'view' | 'resync' | 'reconsider' | 'contributorsOf' | 'candidatesFor'>;
  readonly conntrack: Pick<Conntrack, 'list'>;
  readonly routes: Pick<Routes, 'to'>;
  readonly cutter: Pick<ConnectionCutter, 'look' | 'cut'>;
  readonly flushed: Pick<Flushed, 'until' | 'set' | 'clear'>;
  readonly lastGood: Pick<LastGood, 'programmed'>;
  readonly history: Pick<History, 'answer'>;
  readonly trusted: Pick<TrustedCluster, 'guid' | 'trust'>;
  readonly turns: Pick<TurnWaiter, 'next'>;
  readonly staged: Pick<StagedWatch, 'report'>;
  readonly flows: Pick<DeniedFlows, 'book' | 'lost' | 'isWanted' | 'faults'>;
  readonly dataplane: () => DataplaneSettings | null;
}

// How long a change that somebody asked for may take to reach the kernel.
const TURN_LIMIT_MS = 30_000;

/** The daemon's side of the local API. */
export function createControlHandler(inputs: ControlInputs): ControlHandler {
  const { loop } = inputs;
  return {
    status: () => status(inputs),
    policies: async () => policiesAnswer(inForce(inputs).policy, await readHits(inputs)),
    endpoints: () => endpointsAnswer(lastTurn(inputs).resolution.governed, loop.view.interfaces),
    sets: () => setsAnswer(inForce(inputs).policy),
    set: (name) => setAnswer(inForce(inputs).policy, name),
    counters: () => countersAnswer(inputs),
    explain: (body) => explain(inputs, body),
    desired: () => {
      const { turn, programmed } = inForce(inputs);
      return { revision: turn.revision, ruleset: [...nftText(programmed)].join('') };
    },
    policyView: () => policyView(inputs),
    connections: () => connections(inputs),
    flows: (body) => flowsAnswer(inputs.flows, body),
    staged: async () => stagedAnswer(await inputs.staged.report()),
    cut: async (body) => {
      const { endpoints } = lastTurn(inputs).resolution.policy;
      const names = endpoints.map(({ hostEndpoint }) => hostEndpoint.name);
      return await cutAnswer(body, inputs.cutter, names);
    },
    report: () => report(inputs),
    flush: (body) => flush(inputs, body),
    reapply: () => reapply(inputs),
    rollback: () => rollbackAnswer(inputs),
    applyWithRollback: (body) => applyWithRollback(inputs, body),
    confirm: () => confirm(inputs),
    trustDatastore: () => trustDatastore(inputs),
  };
}

async function status(inputs: ControlInputs): Promise<StatusAnswer> {
  const { keeper, flushed, nftables, rollback, clock } = inputs;
  const snapshot = keeper.snapshot();
  const { host, tiers } = snapshot.observing;
  const isObserving = host || tiers.length > 0;
  // The status has to be told also where the kernel does not answer.
  const counters = isObserving ? await nftables.counters().catch(() => null) : null;
  const wouldDeny = counters === null ? null : wouldDenyTotal(counters);
  const confirming = rollbackView(rollback.state, clock.now());
  return statusAnswer(snapshot, flushed.until, wouldDeny, confirming);
}

/** The policy and settings that packets meet now. Throws ControlError while there are none. */
export function judgeInForce(inputs: InForceInputs): Judge {
  if (inputs.flushed.until !== null)
    throw new ControlError(
      409,
      'flushed',
      'an operator has flushed this host: nothing is refused until "rampartctl reapply"',
    );
  return { policy: inForce(inputs).policy, settings: settingsInForce(inputs) };
}

/** What it takes to know. */
export type InForceInputs = Pick<ControlInputs, 'dataplane' | 'lastGood'> & {
  readonly flushed: Pick<Flushed, 'until'>;
  readonly keeper: Pick<StatusKeeper, 'lastTurn'>;
};

interface InForce {
  readonly turn: TurnReport;
  readonly programmed: Programmed;
  readonly policy: LocalPolicy;
}

function inForce(inputs: Pick<InForceInputs, 'keeper' | 'lastGood'>): InForce {
  const turn = lastTurn(inputs);
  const programmed = inputs.lastGood.programmed();
  if (programmed === null) throw notYet('the table is being written anew: try again in a moment');
  return { turn, programmed, policy: policyInForce(turn.resolution.policy, programmed.sets) };
}

function lastTurn({ keeper }: Pick<InForceInputs, 'keeper'>): TurnReport {
  const turn = keeper.lastTurn;
  if (turn !== null) return turn;
  throw notYet(
    'nothing was applied yet in this process: it has no complete view of the datastore, or may not use it. "rampartctl status" says why',
  );
}

function notYet(message: string): ControlError {
  return new ControlError(503, 'not-applied-yet', message);
}

async function readHits({ nftables }: ControlInputs): Promise<HitsOf> {
  const counters = await nftables.counters();
  const byName = new Map(
    counters.map(({ name, packets, bytes }) => [name, { packets, bytes }] as const),
  );
  return (name) => byName.get(name) ?? null;
}

async function countersAnswer({ clock, nftables }: ControlInputs): Promise<CountersAnswer> {
  const counters = await nftables.counters();
  return { at: new Date(clock.now()).toISOString(), counters };
}

async function explain(inputs: ControlInputs, body: unknown): Promise<ExplainAnswer> {
  const { policy, turn } = inForce(inputs);
  const settings = settingsInForce(inputs);
  const asked = typeof body === 'object' && body !== null && 'packet' in body ? body.packet : null;
  const packet = readPacket(asked);
  if (!packet.ok) throw new ControlError(400, 'bad-packet', `packet: ${packet.error}`);
  const explanation = explainPacket({ policy, settings, packet: packet.value });
  const rules = decisiveRules(explanation, policy, turn.ruleset);
  const hitsOf = await readHits(inputs);
  return {
    ...explanation,
    packet: { ...explanation.packet },
    rules: rules.map((rule) => ({ ...rule, hits: hitsOf(rule.counter) })),
    passedOver: passedOver(explanation, (endpoint) => inputs.loop.candidatesFor(endpoint)),
    members: matchedMembers(explanation.trail).map((one) => ({
      ...one,
      objects: inputs.loop.contributorsOf(one.setId, one.member),
    })),
    rulesInForce: inputs.keeper.snapshot().rulesInForce,
  };
}

function settingsInForce({ dataplane }: Pick<ControlInputs, 'dataplane'>): DataplaneSettings {
  const settings = dataplane();
  if (settings === null) throw notYet('no settings are in force yet: try again in a moment');
  return settings;
}

function policyView(inputs: ControlInputs): PolicyViewAnswer {
  const { policy, turn } = inForce(inputs);
  const { interfaces } = endpointsAnswer(turn.resolution.governed, inputs.loop.view.interfaces);
  const sets: readonly SetAnswer[] = [...policy.sets.keys()].map((id) => setAnswer(policy, id));
  const settings = settingsInForce(inputs);
  return { nodeName: inputs.nodeName, interfaces, endpoints: policy.endpoints, sets, settings };
}

async function report(inputs: ControlInputs): Promise<HistoryAnswer> {
  lastTurn(inputs);
  return inputs.history.answer();
}

// So many packets are judged before others get their turn.
const JUDGED_AT_ONCE = 200;

async function connections(inputs: ControlInputs): Promise<ConnectionsAnswer> {
  const { policy } = inForce(inputs);
  const settings = settingsInForce(inputs);
  const isObserving = settings.enforcement === 'observe';
  const enforced: DataplaneSettings = { ...settings, enforcement: 'enforce' };
  const live = await liveConnections(
    inputs.conntrack,
    new FlowWays(inputs.loop.view.interfaces, inputs.routes),
  );
  const judged: ConnectionsAnswer['connections'][number][] = [];
  for (const [i, packet] of live.packets.entries()) {
    if (i % JUDGED_AT_ONCE === 0) await nextTurn();
    const { verdict } = explainPacket({ policy, settings, packet });
    const enforcing = isObserving ? explainPacket({ policy, settings: enforced, packet }) : null;
    judged.push({ packet: { ...packet }, verdict, enforcing: enforcing?.verdict ?? verdict });
  }
  return { connections: judged, notLookedAt: live.notLookedAt };
}

async function flush(inputs: ControlInputs, body: unknown): Promise<FlushAnswer> {
  const { seconds } = readFlush(body);
  const { flushed, loop, clock, keeper } = inputs;
  const until = seconds === null ? 'forever' : clock.now() + seconds * 1000;
  await flushed.set(until);
  await loop.reconsider();
  if (keeper.snapshot().rulesInForce !== 'flushed')
    throw new ControlError(
      502,
      'not-flushed',
      'the rules could not be taken away; it is tried again',
    );
  return { until: until === 'forever' ? until : new Date(until).toISOString() };
}

async function reapply(inputs: ControlInputs): Promise<ReapplyAnswer> {
  await inputs.flushed.clear();
  const { inSync } = inputs.keeper.snapshot();
  const turn = inSync ? inputs.turns.next(TURN_LIMIT_MS) : null;
  inputs.loop.resync();
  if (turn === null) {
    throw notYet(
      'the datastore and the table are read again, but nothing may be written before the view of the datastore is complete and ready. "rampartctl status" says what is missing; the rules in force stay until then',
    );
  }
  try {
    const { written, revision } = await turn;
    return { applied: written, revision };
  } catch (thrown) {
    const why = toError(thrown).message;
    throw new ControlError(502, 'not-applied', `the rules in force stay: ${why}`);
  }
}

async function trustDatastore({ loop, trusted }: ControlInputs): Promise<TrustAnswer> {
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
