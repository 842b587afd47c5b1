import type { CountersAnswer } from '../control/wire.ts';
import type { ControlInputs } from './control-inputs.ts';
import type { HitsOf } from './control-policies.ts';

/** What the kernel has counted by now, by name. Rejects with NftablesError. */
export async function readHits({ nftables }: Pick<ControlInputs, 'nftables'>): Promise<HitsOf> {
  const counters = await nftables.counters();
  const byName = new Map(
    counters.map(({ name, packets, bytes }) => [name, { packets, bytes }] as const),
  );
  return (name) => byName.get(name) ?? null;
}

/** All counters as they are now. Rejects with NftablesError. */
export async function countersAnswer({
  clock,
  nftables,
}: Pick<ControlInputs, 'clock' | 'nftables'>): Promise<CountersAnswer> {
  const counters = await nftables.counters();
  return { at: new Date(clock.now()).toISOString(), counters };
}
