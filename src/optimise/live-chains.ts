import { changesOf, deriveChains } from '../ruleset/derived-chains.ts';
import type { Chain, Rule, Ruleset } from '../ruleset/ruleset.ts';
import { finalRule, jumpTargets } from './control-flow.ts';

type Chains = Ruleset['chains'];

/** Chains without rules that no packet can reach. */
export interface LiveChains {
  /** What they were made from. */
  readonly all: Chains;
  readonly chains: Chains;
  /** Those that do nothing, or lost a jump with a rule: others may be of no use because of them. */
  readonly idle: ReadonlySet<string>;
}

/** Cuts off rules behind one that always ends its chain, looking only at what changed since `last`. */
export function liveChains(all: Chains, last: LiveChains | null): LiveChains {
  const cut = new Map<string, Chain | null>();
  const idle = new Set(last?.idle);
  for (const { name, after } of changesOf(last?.all ?? NO_CHAINS, all)) {
    const live = after === undefined ? null : withoutDeadRules(after);
    cut.set(name, live);
    if (live !== null && after !== undefined && isIdle(live, after)) idle.add(name);
    else idle.delete(name);
  }
  return { all, chains: deriveChains(last?.chains ?? NO_CHAINS, cut), idle };
}

const NO_CHAINS: Chains = new Map();

/** Without jumps to chains that do nothing, then without what nothing leads to. */
export function withoutIdleChains(chains: Chains): Chains {
  const all = new Map(chains);
  removeEmptyJumps(all);
  return reachable(all);
}

function withoutDeadRules(chain: Chain): Chain {
  const end = chain.rules.findIndex(finalRule);
  return end === -1 || end === chain.rules.length - 1
    ? chain
    : { ...chain, rules: chain.rules.slice(0, end + 1) };
}

function isIdle(live: Chain, { rules }: Chain): boolean {
  return isEmpty(live) || rules.slice(live.rules.length).some((one) => jumpTargets(one).length > 0);
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
