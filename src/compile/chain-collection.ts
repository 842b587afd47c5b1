import { differingPart } from '../base/differing-part.ts';
import { sameChain } from '../ruleset/canonical.ts';
import { deriveChains } from '../ruleset/derived-chains.ts';
import type { Chain, Ruleset } from '../ruleset/ruleset.ts';
import type { SharedChain } from './shared-chains.ts';

/** The chains of a ruleset as they were made. */
export interface CollectedChains {
  /** Chains of their own endpoint, tier or hook, by name. */
  readonly own: ReadonlyMap<string, Chain>;
  /** Chains that several of them lead to, by who does. */
  readonly shared: ReadonlyMap<string, readonly SharedChain[]>;
  /** All of them. */
  readonly chains: Ruleset['chains'];
}

/**
 * Puts chains together. What is the same as before is the same object, and what changed is known to
 * `changesOf`.
 */
export function collectChains(
  made: Pick<CollectedChains, 'own' | 'shared'>,
  before?: CollectedChains,
): CollectedChains {
  if (before === undefined) {
    const chains = new Map(made.own);
    for (const list of made.shared.values())
      for (const { chain } of list) chains.set(chain.name, chain);
    return { ...made, chains };
  }
  const own = new Map<string, Chain>();
  const changes = new Map<string, Chain | null>();
  for (const [name, chain] of made.own) {
    const known = before.own.get(name);
    const isSame = known !== undefined && sameChain(known, chain);
    own.set(name, isSame ? known : chain);
    if (!isSame) changes.set(name, chain);
  }
  for (const name of before.own.keys()) if (!own.has(name)) changes.set(name, null);
  changeShared(changes, before.shared, made.shared);
  return { own, shared: made.shared, chains: deriveChains(before.chains, changes) };
}

type SharedLists = CollectedChains['shared'];

function changeShared(
  changes: Map<string, Chain | null>,
  before: SharedLists,
  after: SharedLists,
): void {
  const gone: SharedChain[] = [];
  for (const user of new Set([...before.keys(), ...after.keys()])) {
    const [old, present] = [before.get(user) ?? [], after.get(user) ?? []];
    if (old === present) continue;
    const { start, beforeEnd, afterEnd } = differingPart(old, present);
    gone.push(...old.slice(start, beforeEnd));
    for (const { chain } of present.slice(start, afterEnd)) changes.set(chain.name, chain);
  }
  const left = gone.map(({ chain }) => chain.name).filter((name) => !changes.has(name));
  if (left.length === 0) return;
  const used = new Set([...after.values()].flat().map(({ chain }) => chain.name));
  for (const name of left) if (!used.has(name)) changes.set(name, null);
}
