import { sameItems } from '../base/same-items.ts';
import type { Clock } from '../base/clock.ts';
import { explainPacket } from '../explain/explain.ts';
import type { Packet } from '../explain/explain.ts';
import type { ExplainSettings } from '../explain/explain-settings.ts';
import { enforcedReason } from '../explain/decisive-reason.ts';
import type { LocalEndpoint, Policy } from '../policy/local-policy.ts';
import type { Shadow } from '../policy/resolver.ts';
import { resourceName } from '../resource/resource.ts';
import type { StagedChange } from '../status/traffic-metrics.ts';
import { SeenFlows } from './seen-flows.ts';

/** A flow whose verdict a staged policy would change. */
export interface ChangedFlow {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly packet: Packet;
  readonly now: Judgement;
  readonly then: Judgement;
}

/** A verdict as enforcing gives it, and what decides in words; empty: nothing denies it. */
export interface Judgement {
  readonly verdict: 'allow' | 'deny';
  readonly by: string;
}

/** What a staged policy would have changed since `since`. */
export interface StagedTally {
  /** As `resourceName` prints it; empty for all of them together. */
  readonly name: string;
  readonly action: string;
  readonly tier: string;
  /** False: it proposes nothing that could be evaluated, or there are too many staged policies. */
  readonly isEvaluated: boolean;
  /** Milliseconds since the epoch: since the policy is as it is. */
  readonly since: number;
  /** Flows that were judged. */
  readonly judged: number;
  readonly allowToDeny: number;
  readonly denyToAllow: number;
  /** The latest ones, latest first. */
  readonly examples: readonly ChangedFlow[];
}

/** Examples that are kept of each staged policy. */
const MOST_EXAMPLES = 20;
/** Staged policies that are evaluated on their own; the others count together with all of them only. */
export const MOST_EVALUATED = 50;

interface Variant {
  tally: StagedTally;
  readonly endpoints: readonly LocalEndpoint[] | null;
  /** What it is of: other objects make another variant. */
  readonly staged: readonly Policy[];
  /** The round that began with it: flows that were met in earlier ones only have still to be judged with it. */
  readonly round: number;
}

/**
 * Judges flows with what is enforced and with what is staged, and counts those that would be judged otherwise: for
 * each staged policy alone, and for all together. Memory is bounded: see `SeenFlows`, MOST_EXAMPLES and MOST_EVALUATED.
 */
export class StagedFlows {
  readonly #clock: Clock;
  readonly #seen = new SeenFlows();
  #variants: readonly Variant[] = [];
  #round = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was found of each staged policy, by name, and last of all together. */
  get tallies(): readonly StagedTally[] {
    return this.#variants.map(({ tally }) => tally);
  }

  /** Follows the staged policies; null: there are none, and everything is forgotten. */
  use(shadow: Shadow | null): void {
    if (shadow === null) this.#seen.clear();
    const wanted = shadow === null ? [] : wantedVariants(shadow, this.#clock.now());
    const round = this.#round + 1;
    this.#variants = wanted.map((next) => {
      const known = this.#variants.find(
        ({ tally, staged }) => tally.name === next.tally.name && sameItems(staged, next.staged),
      );
      if (known?.tally.isEvaluated === next.tally.isEvaluated)
        return { ...next, tally: known.tally, round: known.round };
      this.#round = round;
      return { ...next, round };
    });
  }

  /** Judges a flow by its first packet, once: what was judged before is only judged by staged policies that are new. */
  judge(packet: Packet, shadow: Shadow, settings: ExplainSettings): void {
    const met = this.#seen.meet(packet, this.#round, this.#clock.monotonic());
    const asked = this.#variants.filter(
      ({ endpoints, round }) => endpoints !== null && met < round,
    );
    if (asked.length === 0) return;
    const { enforced, sets } = shadow;
    const judgeBy = (endpoints: readonly LocalEndpoint[]): Judgement =>
      judgement(explainPacket({ policy: { endpoints, sets }, settings, packet }));
    const now = judgeBy(enforced);
    for (const variant of asked) {
      const then = judgeBy(variant.endpoints ?? []);
      variant.tally = counted(variant.tally, { at: this.#clock.now(), packet, now, then });
    }
  }
}

/** The same as a metric. */
export function stagedChanges(tally: StagedTally): readonly StagedChange[] {
  const policy = tally.name.replace(/^\w+ /, '');
  if (!tally.isEvaluated) return [];
  return [
    { labels: { policy, change: 'allow-to-deny' }, flows: tally.allowToDeny },
    { labels: { policy, change: 'deny-to-allow' }, flows: tally.denyToAllow },
  ];
}

function judgement(explanation: ReturnType<typeof explainPacket>): Judgement {
  return { verdict: explanation.enforced, by: enforcedReason(explanation) };
}

function counted(tally: StagedTally, flow: ChangedFlow): StagedTally {
  const judged = tally.judged + 1;
  if (flow.now.verdict === flow.then.verdict) return { ...tally, judged };
  const isDenied = flow.then.verdict === 'deny';
  return {
    ...tally,
    judged,
    allowToDeny: tally.allowToDeny + (isDenied ? 1 : 0),
    denyToAllow: tally.denyToAllow + (isDenied ? 0 : 1),
    examples: [flow, ...tally.examples].slice(0, MOST_EXAMPLES),
  };
}

function wantedVariants({ policies, together }: Shadow, since: number): readonly Variant[] {
  const none = { since, judged: 0, allowToDeny: 0, denyToAllow: 0, examples: [] };
  const alone = policies.map(({ policy, endpoints }, i): Variant => {
    const isEvaluated = endpoints !== null && i < MOST_EVALUATED;
    const { stagedAction: action, tier } = policy;
    const tally = { name: resourceName(policy), action, tier, isEvaluated, ...none };
    return { tally, endpoints: isEvaluated ? endpoints : null, staged: [policy], round: 0 };
  });
  if (together === null) return alone;
  const tally = { name: '', action: '', tier: '', isEvaluated: true, ...none };
  const staged = policies.map(({ policy }) => policy);
  return [...alone, { tally, endpoints: together, staged, round: 0 }];
}
