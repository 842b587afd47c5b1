import { contentHash } from '../base/hash.ts';
import type { AddressSide, Family, Rule, Ruleset } from '../ruleset/ruleset.ts';
import { addressBlocks, holderRule, unionOf, unitedHolders } from './address-blocks.ts';
import type { AddressItem, Union } from './address-blocks.ts';
import { holdersOf } from './holders.ts';
import type { Holders } from './holders.ts';
import { subjectOf } from './reach.ts';

/** What the rules of a chain refer to. */
export type Surroundings = Pick<Ruleset, 'chains' | 'sets'>;

/** Where chains and sets go that are made on the way. */
export interface TreeSink {
  /** Answers the name that the chain got. */
  addChain(wanted: string, rules: readonly Rule[]): string;
  addUnion(union: Union): void;
}

/** Fewer rules than this are walked as fast as they are looked up. */
export const FEWEST_RULES = 8;

/**
 * Rules that do the same as `rules`, which stand in the chain `home`: of those for the addresses of sets, a dozen or
 * so are in a chain of their own that only packets of these addresses come to, and a dozen such chains again. So a
 * packet meets about as many rules as it has chains around them. The same array when that does not pay.
 */
export function rulesByAddress(
  rules: readonly Rule[],
  {
    home,
    jumps,
    around,
  }: { readonly home: string; readonly jumps: number; readonly around: Surroundings },
  sink: TreeSink,
): readonly Rule[] {
  const sides = (['saddr', 'daddr'] as const).map((side) => ({
    side,
    runs: runsOf(rules, side, around),
  }));
  const [best] = sides.sort((a, b) => covered(b.runs) - covered(a.runs));
  if (best === undefined || covered(best.runs) === 0 || jumps === 0) return rules;
  const tree = new AddressTree({ home, side: best.side, sets: around.sets }, sink);
  return best.runs.flatMap((run) => ('items' in run ? tree.climb(run.items, jumps) : run.rules));
}

/** Rules that follow each other and are all for the addresses of sets, or those between. */
type Run = { readonly items: readonly AddressItem[] } | { readonly rules: readonly Rule[] };

function runsOf(rules: readonly Rule[], side: AddressSide, around: Surroundings): readonly Run[] {
  const runs: Run[] = [];
  let items: AddressItem[] = [];
  let others: Rule[] = [];
  const settle = (): void => {
    if (items.length < FEWEST_RULES) others.push(...items.flatMap((item) => item.rules));
    else {
      runs.push({ rules: others }, { items });
      others = [];
    }
    items = [];
  };
  for (const rule of rules) {
    const item = itemOf(rule, side, around);
    if (item !== null) items.push(item);
    else {
      settle();
      others.push(rule);
    }
  }
  settle();
  return [...runs, { rules: others }];
}

function covered(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + ('items' in run ? run.items.length : 0), 0);
}

function itemOf(rule: Rule, side: AddressSide, { chains, sets }: Surroundings): AddressItem | null {
  const holders = holdersOf(subjectOf(rule, chains), side);
  if (holders === null) return null;
  const isKnown = (name: string): boolean => sets.has(name);
  if (!holders[4].every(isKnown) || !holders[6].every(isKnown)) return null;
  return { last: rule.comment, rules: [rule], holders };
}

interface Place {
  readonly home: string;
  readonly side: AddressSide;
  readonly sets: Ruleset['sets'];
}

class AddressTree {
  readonly #place: Place;
  readonly #sink: TreeSink;
  readonly #hasNetworks = new Map<string, boolean>();

  constructor(place: Place, sink: TreeSink) {
    this.#place = place;
    this.#sink = sink;
  }

  /** As many levels of blocks as leave few rules at the top. */
  climb(items: readonly AddressItem[], jumps: number): readonly Rule[] {
    let level = items;
    for (let height = 1; height <= jumps && level.length >= FEWEST_RULES; height++) {
      level = addressBlocks(level).map((block) => this.#put(block, height));
    }
    return level.flatMap(({ rules }) => rules);
  }

  #put(block: readonly AddressItem[], height: number): AddressItem {
    const [first, ...others] = block;
    const last = block.at(-1);
    if (first === undefined || last === undefined || others.length === 0) return first ?? NOTHING;
    const { home, side } = this.#place;
    const name = `${home}/${side}-${height}-${contentHash(last.last).slice(0, 8)}`;
    const chain = this.#sink.addChain(
      name,
      block.flatMap(({ rules }) => rules),
    );
    const holders = unitedHolders(block);
    const united: Holders = { 4: this.#unite(holders, 4), 6: this.#unite(holders, 6) };
    const rules = ([4, 6] as const).flatMap((family) =>
      united[family].map((set) => holderRule({ side, family, set }, chain)),
    );
    return { last: last.last, rules, holders: united };
  }

  #unite(holders: Holders, family: Family): readonly string[] {
    const parts = holders[family];
    if (parts.length < 2) return parts;
    const hasNetworks = parts.some(
      (name) => this.#hasNetworks.get(name) ?? this.#place.sets.get(name)?.kind === 'interval',
    );
    const union = unionOf(parts, family, hasNetworks);
    this.#hasNetworks.set(union.name, hasNetworks);
    this.#sink.addUnion(union);
    return [union.name];
  }
}

const NOTHING: AddressItem = { last: '', rules: [], holders: { 4: [], 6: [] } };
