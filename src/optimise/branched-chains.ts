import { sameChain } from '../ruleset/canonical.ts';
import { changesOf, deriveChains } from '../ruleset/derived-chains.ts';
import type { ChainChange } from '../ruleset/derived-chains.ts';
import type { Chain, Ruleset } from '../ruleset/ruleset.ts';
import type { Union } from './address-blocks.ts';
import { FEWEST_RULES } from './address-runs.ts';
import type { Surroundings } from './address-runs.ts';
import { branchChain } from './branch.ts';
import type { BranchedChain } from './branch.ts';
import { jumpTargets } from './control-flow.ts';

type Chains = Ruleset['chains'];

/** Chains with less to walk. */
export interface BranchedChains {
  /** What they were made from. */
  readonly from: Chains;
  readonly chains: Chains;
  /** What long chains became, by their names. */
  readonly parts: ReadonlyMap<string, BranchedChain>;
  /** Sets that are added, by name; the parts of each before itself. */
  readonly unions: ReadonlyMap<string, Union>;
}

/**
 * Puts long chains under maps and unions. Only those are looked at that changed since `last`, or lead to one that did.
 */
export function branchChains(around: Surroundings, last: BranchedChains | null): BranchedChains {
  const before = last ?? NOTHING;
  const { chains: from } = around;
  const parts = new Map(before.parts);
  const changed = new ChangedChains(before.chains);
  const changes = changesOf(before.from, from);
  for (const { name, after } of [...changes, ...leadingTo(changes, from, parts)]) {
    for (const branch of parts.get(name)?.branches ?? []) changed.drop(branch.name);
    parts.delete(name);
    if (after === undefined) changed.drop(name);
    else for (const chain of branchesOf(after, around, parts)) changed.put(chain);
  }
  return { from, chains: changed.derive(), parts, unions: unionsOf(parts) };
}

// What stands for a chain; a long one is remembered in `parts`.
function branchesOf(
  original: Chain,
  around: Surroundings,
  parts: Map<string, BranchedChain>,
): readonly Chain[] {
  if (!isLong(original)) return [original];
  const part = branchChain(original, around);
  parts.set(original.name, part);
  return [part.chain, ...part.branches];
}

/** What becomes of chains; what is put there as it was before is no change. */
class ChangedChains {
  readonly #before: Chains;
  readonly #changed = new Map<string, Chain | null>();

  constructor(before: Chains) {
    this.#before = before;
  }

  put(chain: Chain): void {
    const known = this.#before.get(chain.name);
    if (known !== undefined && sameChain(known, chain)) this.#changed.delete(chain.name);
    else this.#changed.set(chain.name, chain);
  }

  drop(name: string): void {
    this.#changed.set(name, null);
  }

  derive(): Chains {
    return deriveChains(this.#before, this.#changed);
  }
}

const NOTHING: BranchedChains = {
  from: new Map(),
  chains: new Map(),
  parts: new Map(),
  unions: new Map(),
};

// Base chains are few rules, and what ends them differs.
function isLong({ base, rules }: Chain): boolean {
  return base === null && rules.length >= FEWEST_RULES;
}

function unionsOf(parts: BranchedChains['parts']): BranchedChains['unions'] {
  const all = new Map<string, Union>();
  for (const { unions } of parts.values())
    for (const union of unions.values()) all.set(union.name, union);
  return all;
}

// How rules that jump are told apart depends on where they lead.
function leadingTo(
  changes: readonly ChainChange[],
  from: Chains,
  parts: BranchedChains['parts'],
): readonly Pick<ChainChange, 'name' | 'after'>[] {
  const names = new Set(changes.map(({ name }) => name));
  return [...parts.keys()].flatMap((name) => {
    const after = from.get(name);
    if (after === undefined || names.has(name)) return [];
    const targets = targetsOf(after);
    const leads = targets.size > 0 && changes.some((change) => targets.has(change.name));
    return leads ? [{ name, after }] : [];
  });
}

const targets = new WeakMap<Chain, ReadonlySet<string>>();

function targetsOf(chain: Chain): ReadonlySet<string> {
  const known = targets.get(chain) ?? new Set(chain.rules.flatMap(jumpTargets));
  targets.set(chain, known);
  return known;
}
