import { chainReferences } from '../ruleset/references.ts';
import type { Chain, Rule, Ruleset } from '../ruleset/ruleset.ts';
import type { Union } from './address-blocks.ts';
import { FEWEST_RULES } from './address-runs.ts';
import type { Surroundings } from './address-runs.ts';
import { branchChain } from './branch.ts';
import { finalRule, jumpTargets } from './control-flow.ts';
import { UnionSets } from './union-sets.ts';

type Chains = Ruleset['chains'];

/** Chains that are cheaper to walk, and the sets that they need. */
interface OptimisedChains {
  readonly chains: Chains;
  /** Sets that are added, by name; the parts of each before itself. */
  readonly unions: ReadonlyMap<string, Union>;
  /** What is used of the sets that there are; null: no rule was left out, so all of it. */
  readonly setNames: ReadonlySet<string> | null;
}

const optimised = new WeakMap<Chains, OptimisedChains>();

/**
 * A ruleset that gives every packet the same verdict, mark, counts and log lines at less cost: without rules that
 * no packet can reach, without jumps to chains that do nothing, with verdict maps and unions of sets in place of long
 * lists of rules (docs/adr/0005, docs/adr/0006), and without what nothing refers to any more. Counters stay, whether
 * or not a rule can still move them. Chains that need no change are the same objects.
 */
export function optimiseRuleset(ruleset: Ruleset): Ruleset {
  return createOptimiser()(ruleset);
}

/** `optimiseRuleset` for one ruleset after another: what changes in a set that it adds is known from the last one. */
export function createOptimiser(): typeof optimiseRuleset {
  const unionSets = new UnionSets();
  return (ruleset) => {
    const { chains, unions, setNames } = optimised.get(ruleset.chains) ?? optimiseChains(ruleset);
    const used = setNames === null ? ruleset.sets : usedSets(ruleset, setNames);
    const united = unionSets.follow(unions, ruleset.sets);
    const sets = united.size === 0 ? used : new Map([...used, ...united]);
    return { chains, sets, counters: ruleset.counters };
  };
}

function optimiseChains({ chains: all, sets }: Ruleset): OptimisedChains {
  const trimmed = trim(all);
  const isWhole = trimmed === all;
  const chains = isWhole ? all : reachable(trimmed);
  const setNames = isWhole ? null : setsOf(chains);
  const result = { ...branched({ chains, sets }), setNames };
  optimised.set(all, result);
  return result;
}

// Base chains are few rules, and what ends them differs.
function branched(around: Surroundings): Pick<OptimisedChains, 'chains' | 'unions'> {
  const chains = new Map<string, Chain>();
  const unions = new Map<string, Union>();
  for (const original of around.chains.values()) {
    if (original.base !== null || original.rules.length < FEWEST_RULES) {
      chains.set(original.name, original);
      continue;
    }
    const { chain, branches, unions: needed } = branchChain(original, around);
    for (const one of [chain, ...branches]) chains.set(one.name, one);
    for (const union of needed.values()) unions.set(union.name, union);
  }
  return { chains, unions };
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

function usedSets({ sets }: Ruleset, used: ReadonlySet<string>): Ruleset['sets'] {
  return used.size === sets.size ? sets : new Map([...sets].filter(([name]) => used.has(name)));
}

function setsOf(chains: Chains): ReadonlySet<string> {
  const used = new Set<string>();
  for (const chain of chains.values()) {
    for (const name of chainReferences(chain).sets) used.add(name);
  }
  return used;
}
