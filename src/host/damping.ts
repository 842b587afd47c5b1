import type { NetworkInterface } from './host.ts';
import { sortInventory } from './inventory.ts';

/** Since when (monotonic milliseconds) each thing still shown has been missing, by the thing's key. */
export type MissingSince = ReadonlyMap<string, number>;

/** What to show, and what of it is only still shown. */
export interface Damped {
  readonly inventory: readonly NetworkInterface[];
  readonly missing: MissingSince;
}

/** How long a lost interface, address or running state is still shown: Felix's own 100 ms. */
export const DAMPING_MS = 100;

/**
 * Hides flaps: whatever `shown` has and `current` lacks stays until it has been missing for DAMPING_MS; whatever is
 * new appears at once. An interface whose name or index went to another one is not kept. Pure.
 */
export function damp(shown: Damped, current: readonly NetworkInterface[], now: number): Damped {
  const missing = new Map<string, number>();
  const keep = (key: string): boolean => {
    const since = shown.missing.get(key) ?? now;
    if (now - since >= DAMPING_MS) return false;
    missing.set(key, since);
    return true;
  };
  const old = new Map(shown.inventory.map((entry) => [entry.index, entry]));
  const merged = current.map((entry) => mergeInterface(entry, old.get(entry.index), keep));
  const names = new Set(current.map((entry) => entry.name));
  const indexes = new Set(current.map((entry) => entry.index));
  for (const entry of shown.inventory) {
    const isTaken = names.has(entry.name) || indexes.has(entry.index);
    if (!isTaken && keep(String(entry.index))) merged.push(entry);
  }
  return { inventory: sortInventory(merged), missing };
}

function mergeInterface(
  entry: NetworkInterface,
  old: NetworkInterface | undefined,
  keep: (key: string) => boolean,
): NetworkInterface {
  if (old?.name !== entry.name) return entry;
  const present = new Set(entry.addresses);
  const kept = old.addresses.filter(
    (address) => !present.has(address) && keep(`${entry.index} ${address}`),
  );
  const running = entry.running || (old.running && keep(`${entry.index} running`));
  return { ...entry, running, addresses: [...entry.addresses, ...kept] };
}
