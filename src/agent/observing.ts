import { isWouldDenyCounter } from '../compile/names.ts';
import type { Hits } from '../control/wire.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import type { Observing } from '../status/status-snapshot.ts';
import type { Fault } from './fault.ts';
import { nameSome } from './fault.ts';
import type { TurnReport } from './turn-report.ts';

/** What is counted instead of denied with what a turn brought into force; null: nothing was applied yet. */
export function observingOf(turn: TurnReport | null): Observing {
  if (turn === null) return { host: false, tiers: [] };
  return { host: turn.enforcement === 'observe', tiers: observedTiers(turn.resolution.policy) };
}

/** The alarm about that, none where everything is enforced. */
export function observingFaults({ host, tiers }: Observing): readonly Fault[] {
  if (!host && tiers.length === 0) return [];
  const parts = [
    ...(host
      ? [
          'nothing is denied on this host (enforcement: observe), what policy denies is counted and passes. Set enforcement: enforce once the counts are what you expect',
        ]
      : []),
    ...(tiers.length === 0
      ? []
      : [
          `what these tiers deny is counted, and the next tier is asked: ${nameSome(tiers)}. Remove their annotation rampart/enforcement to enforce them`,
        ]),
  ];
  const message = `${parts.join('; ')}. "rampartctl policies" shows what would have been denied`;
  return [{ code: 'observing', objects: tiers.map((name) => `Tier ${name}`), message }];
}

/** All packets that would have been denied, out of everything that was counted. */
export function wouldDenyTotal(counters: readonly (Hits & { readonly name: string })[]): Hits {
  const own = counters.filter(({ name }) => isWouldDenyCounter(name));
  return {
    packets: own.reduce((sum, { packets }) => sum + packets, 0),
    bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function observedTiers({ endpoints }: LocalPolicy): readonly string[] {
  const names = endpoints
    .flatMap(({ untracked, preDNAT, normal }) => [...untracked, ...preDNAT, ...normal])
    .filter(({ enforcement }) => enforcement === 'observe')
    .map(({ name }) => name);
  return [...new Set(names)].sort();
}
