import type { Chain, MapVerdict, Rule } from './ruleset.ts';

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

/** The verdict that a rule looks up in a map; null: none. */
export function lookupOf({ statements }: Rule): MapVerdict | null {
  for (const statement of statements)
    if (statement.kind === 'verdict' && 'chains' in statement.verdict) return statement.verdict;
  return null;
}
