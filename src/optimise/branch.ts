import { contentHash } from '../base/hash.ts';
import type { Chain, Rule } from '../ruleset/ruleset.ts';
import type { Union } from './address-blocks.ts';
import { FEWEST_RULES } from './address-runs.ts';
import type { Surroundings } from './address-runs.ts';
import { rulesByAddress } from './address-tree.ts';
import { choosePlan } from './choose-plan.ts';
import { keyBlocks } from './key-blocks.ts';
import type { KeyBlock } from './key-blocks.ts';
import { jumpOnly } from './reach.ts';
import { mapRules } from './verdict-maps.ts';
import type { Bucket, Entry } from './verdict-maps.ts';

/** A chain with less to walk, and the chains and sets that it needs for that. */
export interface BranchedChain {
  readonly chain: Chain;
  readonly branches: readonly Chain[];
  /** The parts of each before itself. */
  readonly unions: ReadonlyMap<string, Union>;
}

/** A map of more entries becomes a map of maps, so that a change writes one small map anew. */
const MOST_ENTRIES = 128;
const MOST_LEVELS = 2;
/** Jumps below the chain itself. The kernel allows fifteen in all: two to a tier, six here, a policy, six here again. */
const MOST_JUMPS = 6;
const LONGEST_NAME = 200;
const NO_UNIONS: ReadonlyMap<string, Union> = new Map();

/**
 * The chain with its rules under verdict maps and unions of sets, so that a packet meets only rules that are for its
 * protocol and port, or its addresses. Their order stays as it is, and rules that may be for any packet stay where
 * they are. Names of branches depend on what is in them, not on what else there is: one rule more or less changes few.
 */
export function branchChain(chain: Chain, { chains, sets }: Surroundings): BranchedChain {
  if (chain.rules.length < FEWEST_RULES) return { chain, branches: [], unions: NO_UNIONS };
  const tree = new Tree({ chains, sets });
  const rules = tree.branch(chain.rules, chain.name, { levels: MOST_LEVELS, jumps: MOST_JUMPS });
  return rules === chain.rules
    ? { chain, branches: [], unions: NO_UNIONS }
    : { chain: { ...chain, rules }, branches: tree.branches, unions: tree.unions };
}

/** What may still be put below. */
interface Room {
  /** Branch points. */
  readonly levels: number;
  readonly jumps: number;
}

class Tree {
  readonly branches: Chain[] = [];
  readonly unions = new Map<string, Union>();
  readonly #around: Surroundings;
  readonly #names = new Set<string>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Rules that do the same as `rules` in the chain `name`. */
  branch(rules: readonly Rule[], name: string, room: Room): readonly Rule[] {
    if (rules.length < FEWEST_RULES) return rules;
    const plan =
      room.levels === 0 || room.jumps < 2 ? null : choosePlan(rules, this.#around.chains);
    if (plan === null) return this.#byAddress(rules, name, room);
    let before: Rule | undefined;
    return plan.stretches.flatMap((stretch) => {
      const last = before;
      before = stretch.rules.at(-1);
      if (stretch.buckets === null) return this.branch(stretch.rules, name, room);
      const home =
        last === undefined ? name : `${name}/after-${contentHash(last.comment).slice(0, 8)}`;
      return this.#look(stretch.buckets, home, room);
    });
  }

  #byAddress(rules: readonly Rule[], home: string, { jumps }: Room): readonly Rule[] {
    return rulesByAddress(
      rules,
      { home, jumps, around: this.#around },
      {
        addChain: (wanted, own) => this.#add(wanted, own),
        addUnion: (union) => this.unions.set(union.name, union),
      },
    );
  }

  #look(buckets: readonly Bucket[], home: string, { levels, jumps }: Room): readonly Rule[] {
    const isSmall = buckets.length <= MOST_ENTRIES;
    const room = { levels: levels - 1, jumps: jumps - (isSmall ? 1 : 2) };
    if (isSmall) return this.#map(buckets, home, room);
    return mapRules(
      keyBlocks(buckets).map((block): Entry => {
        const rules = this.#block(block, home, room);
        return [block.key, this.#add(`${home}/${block.key.label}`, rules)];
      }),
    );
  }

  #block(block: KeyBlock, home: string, room: Room): readonly Rule[] {
    const known = rulesOfBlocks.get(block);
    if (known !== undefined) return known;
    const rules = this.#map(block.buckets, home, room);
    if (block.buckets.every((bucket) => ownChain(bucket) !== null)) rulesOfBlocks.set(block, rules);
    return rules;
  }

  #map(buckets: readonly Bucket[], home: string, room: Room): readonly Rule[] {
    return mapRules(buckets.map((bucket) => [bucket.key, this.#target(bucket, home, room)]));
  }

  #target(bucket: Bucket, home: string, room: Room): string {
    const name = `${home}/${bucket.key.label}`;
    return ownChain(bucket) ?? this.#add(name, this.branch(bucket.rules, name, room));
  }

  #add(wanted: string, rules: readonly Rule[]): string {
    let name = wanted;
    for (let i = 2; this.#names.has(name); i++) name = `${wanted}/${i}`;
    this.#names.add(name);
    const short = name.length <= LONGEST_NAME ? name : `branch/h-${contentHash(name)}`;
    this.branches.push(chainOf(short, rules));
    return short;
  }
}

// A bucket of one policy is that policy's own chain.
function ownChain({ rules }: Bucket): string | null {
  const [only, ...others] = rules;
  return only === undefined || others.length > 0 ? null : jumpOnly(only);
}

/** Of blocks that lead to policies' own chains only: such rules are the same wherever they stand. */
const rulesOfBlocks = new WeakMap<KeyBlock, readonly Rule[]>();

const chainsOf = new WeakMap<readonly Rule[], Chain>();

// The same object for the same rules.
function chainOf(name: string, rules: readonly Rule[]): Chain {
  const known = chainsOf.get(rules);
  if (known?.name === name) return known;
  const chain: Chain = { name, base: null, rules };
  chainsOf.set(rules, chain);
  return chain;
}
