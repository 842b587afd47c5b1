import type { RuleUse } from '../report/history.ts';
import type { CounterReading } from '../status/counter-ledger.ts';
import type { DigestRule } from './policy-digest.ts';

/** When a counter was first looked at, when it was last seen to have grown, and what it said then. */
export interface CounterUse {
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastHit: number | null;
  readonly packets: number;
}

/**
 * The use of counters after a reading of the kernel: `wanted` are kept, others forgotten. A value below the one
 * before means that the kernel began anew.
 */
export function nextUses(
  before: ReadonlyMap<string, CounterUse>,
  readings: readonly CounterReading[],
  { wanted, now }: { readonly wanted: ReadonlySet<string>; readonly now: number },
): ReadonlyMap<string, CounterUse> {
  const uses = new Map<string, CounterUse>();
  for (const { name, packets } of readings)
    if (wanted.has(name)) uses.set(name, nextUse(before.get(name), packets, now));
  // What the kernel does not have for the moment comes back.
  for (const [name, use] of before) if (wanted.has(name) && !uses.has(name)) uses.set(name, use);
  return uses;
}

function nextUse(known: CounterUse | undefined, packets: number, now: number): CounterUse {
  const { firstSeen = now, lastHit = null } = known ?? {};
  const hasGrown = packets > 0 && packets !== known?.packets;
  return { firstSeen, lastHit: hasGrown ? now : lastHit, packets };
}

/** A rule with its use, for reports; `packets` as they were read just now, by counter. */
export function ruleUse(
  { counter, ...rule }: DigestRule,
  use: CounterUse | undefined,
  packets: ReadonlyMap<string, number>,
): RuleUse {
  const moment = (at: number | null | undefined): string | null =>
    typeof at === 'number' ? new Date(at).toISOString() : null;
  return {
    ...rule,
    packets: packets.get(counter) ?? null,
    firstSeen: moment(use?.firstSeen),
    lastHit: moment(use?.lastHit),
  };
}
