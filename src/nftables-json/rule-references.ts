import type { Match, Rule, Statement, Verdict } from '../ruleset/ruleset.ts';

/** Names of the objects a rule uses; while it does, the kernel does not delete them. */
export interface References {
  readonly chains: ReadonlySet<string>;
  readonly sets: ReadonlySet<string>;
  readonly counters: ReadonlySet<string>;
}

const known = new WeakMap<Rule, References>();

/** What a rule refers to. Remembered per rule, since rules are values that do not change. */
export function referencesOf(rule: Rule): References {
  const found = known.get(rule);
  if (found !== undefined) return found;
  const references = {
    chains: new Set(rule.statements.flatMap(chainsOf)),
    sets: new Set(rule.matches.flatMap(setOf)),
    counters: new Set(rule.statements.flatMap(counterOf)),
  };
  known.set(rule, references);
  return references;
}

/** Chains that a verdict calls. */
export function calledChains(verdict: Verdict): readonly string[] {
  switch (verdict.kind) {
    case 'jump':
    case 'goto':
      return [verdict.chain];
    case 'dispatch':
    case 'branch':
      return [...verdict.chains.values()];
    case 'accept':
    case 'drop':
    case 'return':
    case 'reject':
      return [];
  }
}

function chainsOf(statement: Statement): readonly string[] {
  return statement.kind === 'verdict' ? calledChains(statement.verdict) : [];
}

function counterOf(statement: Statement): readonly string[] {
  return statement.kind === 'counter' ? [statement.name] : [];
}

function setOf(match: Match): readonly string[] {
  return match.kind === 'address-set' || match.kind === 'named-port' ? [match.set] : [];
}
