import type { Chain, Rule } from './ruleset.ts';

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
  const references = {
    sets: new Set(chain.rules.flatMap(setsOf)),
    counters: new Set(chain.rules.flatMap(countersOf)),
  };
  memo.set(chain, references);
  return references;
}

function setsOf(rule: Rule): readonly string[] {
  return rule.matches.flatMap((match) =>
    match.kind === 'address-set' || match.kind === 'named-port' ? [match.set] : [],
  );
}

function countersOf(rule: Rule): readonly string[] {
  return rule.statements.flatMap((statement) =>
    statement.kind === 'counter' ? [statement.name] : [],
  );
}
