import { changedMap } from '../base/changed-map.ts';
import type { Chain, Ruleset } from './ruleset.ts';

type Chains = Ruleset['chains'];

interface Derivation {
  readonly from: Chains;
  readonly names: ReadonlySet<string>;
}

const derivations = new WeakMap<Chains, Derivation>();

/**
 * Chains that differ from others in what `changes` names; null: the chain is gone. Who has to do with both sorts of
 * chains learns from `changesOf` where to look. The same map when there are no changes.
 */
export function deriveChains(from: Chains, changes: ReadonlyMap<string, Chain | null>): Chains {
  if (changes.size === 0) return from;
  const chains = changedMap(from, changes);
  derivations.set(chains, { from, names: new Set(changes.keys()) });
  // Only the last step is remembered: all of them would keep every ruleset there ever was.
  derivations.delete(from);
  return chains;
}

/** A name that stands for another chain than before; undefined: for none. */
export interface ChainChange {
  readonly name: string;
  readonly before: Chain | undefined;
  readonly after: Chain | undefined;
}

/** What differs between two rulesets' chains by identity: found at once where one was derived from the other. */
export function changesOf(from: Chains, to: Chains): readonly ChainChange[] {
  if (from === to) return [];
  const derivation = derivations.get(to);
  const names =
    derivation?.from === from ? derivation.names : new Set([...from.keys(), ...to.keys()]);
  const changes: ChainChange[] = [];
  for (const name of names) {
    const [before, after] = [from.get(name), to.get(name)];
    if (before !== after) changes.push({ name, before, after });
  }
  return changes;
}
