import { chainReferences } from '../ruleset/references.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import { branchChains } from './branched-chains.ts';
import type { BranchedChains } from './branched-chains.ts';
import { liveChains, withoutIdleChains } from './live-chains.ts';
import type { LiveChains } from './live-chains.ts';
import { UnionSets } from './union-sets.ts';

type Chains = Ruleset['chains'];

/** Chains that are cheaper to walk. */
interface OptimisedChains {
  readonly live: LiveChains;
  readonly branched: BranchedChains;
  /** What is used of the sets that there are; null: nothing was found idle, so all of it. */
  readonly setNames: ReadonlySet<string> | null;
}

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
  let last: OptimisedChains | null = null;
  return (ruleset) => {
    last = last?.live.all === ruleset.chains ? last : optimiseChains(ruleset, last);
    const { branched, setNames } = last;
    const used = setNames === null ? ruleset.sets : usedSets(ruleset, setNames);
    const united = unionSets.follow(branched.unions, ruleset.sets);
    const sets = united.size === 0 ? used : new Map([...used, ...united]);
    return { chains: branched.chains, sets, counters: ruleset.counters };
  };
}

function optimiseChains(
  { chains: all, sets }: Ruleset,
  last: OptimisedChains | null,
): OptimisedChains {
  const live = liveChains(all, last?.live ?? null);
  if (live.idle.size === 0) {
    const before = last?.setNames === null ? last.branched : null;
    const branched = branchChains({ chains: live.chains, sets }, before);
    return { live, branched, setNames: null };
  }
  const chains = withoutIdleChains(live.chains);
  return { live, branched: branchChains({ chains, sets }, null), setNames: setsOf(chains) };
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
