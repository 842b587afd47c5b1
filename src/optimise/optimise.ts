import { chainReferences } from '../ruleset/references.ts';
import type { Chain, Rule, Ruleset } from '../ruleset/ruleset.ts';
import { branchChain, FEWEST_RULES } from './branch.ts';
import { finalRule, jumpTargets } from './control-flow.ts';

type Chains = Ruleset['chains'];

interface Optimised {
  readonly chains: Chains;
  /** No rule was left out, so that everything is used that was used before. */
  readonly isWhole: boolean;
}

const optimised = new WeakMap<Chains, Optimised>();

/**
 * A ruleset that gives every packet the same verdict, mark, counts and log lines at less cost: without rules that
 * no packet can reach, without jumps to chains that do nothing, with verdict maps in place of long lists of rules
 * (docs/adr/0005), and without what nothing refers to any more. Counters stay, whether or not a rule can still
 * move them. Chains that need no change are the same objects.
 */
export function optimiseRuleset(ruleset: Ruleset): Ruleset {
  const { chains, isWhole } = optimised.get(ruleset.chains) ?? optimiseChains(ruleset.chains);
  const sets = isWhole ? ruleset.sets : usedSets(ruleset, chains);
  return { chains, sets, counters: ruleset.counters };
}

function optimiseChains(all: Chains): Optimised {
  const trimmed = trim(all);
  const isWhole = trimmed === all;
  const result = { chains: branched(isWhole ? all : reachable(trimmed)), isWhole };
  optimised.set(all, result);
  return result;
}

// Base chains are few rules, and what ends them differs.
function branched(chains: Chains): Chains {
  const all = new Map<string, Chain>();
  for (const original of chains.values()) {
    const isShort = original.base !== null || original.rules.length < FEWEST_RULES;
    const { chain, branches } = isShort
      ? { chain: original, branches: [] }
      : branchChain(original, chains);
    all.set(chain.name, chain);
    for (const branch of branches) all.set(branch.name, branch);
  }
  return all;
}

// Without rules that nothing reaches or that do nothing; the same object when there are none.
function trim(all: Chains): Chains {
  const cut = new Map<string, Chain>();
  let hasEmpty = false;
  for (const chain of all.values()) {
    const live = withoutDeadRules(chain);
    if (live !== chain) cut.set(chain.name, live);
    hasEmpty ||= isEmpty(live);
  }
  if (cut.size === 0 && !hasEmpty) return all;
  const trimmed = new Map([...all, ...cut]);
  removeEmptyJumps(trimmed);
  return trimmed;
}

const liveChains = new WeakMap<Chain, Chain>();

// Rules behind one that always ends the chain.
function withoutDeadRules(chain: Chain): Chain {
  const known = liveChains.get(chain);
  if (known !== undefined) return known;
  const end = chain.rules.findIndex(finalRule);
  const live =
    end === -1 || end === chain.rules.length - 1
      ? chain
      : { ...chain, rules: chain.rules.slice(0, end + 1) };
  liveChains.set(chain, live);
  return live;
}

// A chain that loses its last jump is empty itself, so this goes on until nothing changes.
function removeEmptyJumps(chains: Map<string, Chain>): void {
  for (;;) {
    const empty = new Set([...chains.values()].filter(isEmpty).map(({ name }) => name));
    let changed = false;
    for (const chain of chains.values()) {
      const rules = chain.rules.filter((rule) => !isIdleJump(rule, empty));
      if (rules.length === chain.rules.length) continue;
      chains.set(chain.name, { ...chain, rules });
      changed = true;
    }
    if (!changed) return;
  }
}

function isEmpty({ base, rules }: Chain): boolean {
  return base === null && rules.length === 0;
}

// A goto ends its chain even when its target is empty; a jump that counts or marks does something.
function isIdleJump({ statements }: Rule, empty: ReadonlySet<string>): boolean {
  const [only, ...others] = statements;
  return (
    others.length === 0 &&
    only?.kind === 'verdict' &&
    only.verdict.kind === 'jump' &&
    empty.has(only.verdict.chain)
  );
}

function reachable(chains: Chains): Chains {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const chain = chains.get(name);
    if (chain === undefined || seen.has(name)) return;
    seen.add(name);
    for (const target of chain.rules.flatMap(jumpTargets)) visit(target);
  };
  for (const { name, base } of chains.values()) if (base !== null) visit(name);
  return new Map([...chains].filter(([name]) => seen.has(name)));
}

const setNames = new WeakMap<Chains, ReadonlySet<string>>();

function usedSets(ruleset: Ruleset, chains: Chains): Ruleset['sets'] {
  const used = setNames.get(chains) ?? setsOf(chains);
  setNames.set(chains, used);
  return used.size === ruleset.sets.size
    ? ruleset.sets
    : new Map([...ruleset.sets].filter(([name]) => used.has(name)));
}

function setsOf(chains: Chains): ReadonlySet<string> {
  const used = new Set<string>();
  for (const chain of chains.values()) {
    for (const name of chainReferences(chain).sets) used.add(name);
  }
  return used;
}
