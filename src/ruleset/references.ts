import type { Chain } from './ruleset.ts';

/** Names of other objects that the rules of a chain use. */
export interface ChainReferences {
  readonly sets: ReadonlySet<string>;
  readonly counters: ReadonlySet<string>;
}

const memo = new WeakMap<Chain, ChainReferences>();

/** What a chain refers to. */
export function chainReferences(chain: Chain): ChainReferences {
  const known = memo.get(chain);
  if (known !== undefined) return known;
  const references = { sets: new Set<string>(), counters: new Set<string>() };
  for (const { matches, statements } of chain.rules) {
    for (const match of matches)
      if (match.kind === 'address-set' || match.kind === 'named-port')
        references.sets.add(match.set);
    for (const one of statements) if (one.kind === 'counter') references.counters.add(one.name);
  }
  memo.set(chain, references);
  return references;
}

/** What several chains refer to. */
export function allReferences(chains: Iterable<Chain>): ChainReferences {
  const sets = new Set<string>();
  const counters = new Set<string>();
  for (const chain of chains) {
    const references = chainReferences(chain);
    for (const name of references.sets) sets.add(name);
    for (const name of references.counters) counters.add(name);
  }
  return { sets, counters };
}

type Chains = ReadonlyMap<string, Chain>;

/** Whether these are chains of the same names that refer to the same. False may mean: not easily told. */
export function referToTheSame(some: Chains, others: Chains): boolean {
  if (some.size !== others.size) return false;
  for (const [name, chain] of others) {
    const other = some.get(name);
    if (other === undefined) return false;
    if (other !== chain && !haveSameReferences(other, chain)) return false;
  }
  return true;
}

function haveSameReferences(one: Chain, other: Chain): boolean {
  const a = chainReferences(one);
  const b = chainReferences(other);
  return sameNames(a.sets, b.sets) && sameNames(a.counters, b.counters);
}

function sameNames(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  if (some.size !== others.size) return false;
  for (const name of some) if (!others.has(name)) return false;
  return true;
}
