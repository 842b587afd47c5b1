import { contentHash } from '../base/hash.ts';
import type { AddressSide, Family, Rule, Ruleset } from '../ruleset/ruleset.ts';
import { addressBlocks, holderRule, unionOf, unitedHolders } from './address-blocks.ts';
import type { AddressItem, Union } from './address-blocks.ts';
import { bestRuns, FEWEST_RULES } from './address-runs.ts';
import type { Surroundings } from './address-runs.ts';
import type { Holders } from './holders.ts';

/** Where chains and sets go that are made on the way. */
export interface TreeSink {
  /** Answers the name that the chain got. */
  addChain(wanted: string, rules: readonly Rule[]): string;
  addUnion(union: Union): void;
}

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
  if (jumps === 0) return rules;
  const { side, runs } = bestRuns(rules, around);
  if (runs.length === 0) return rules;
  const tree = new AddressTree({ home, side, sets: around.sets }, sink);
  return runs.flatMap((run) => ('items' in run ? tree.climb(run.items, jumps) : run.rules));
}

interface Place {
  readonly home: string;
  readonly side: AddressSide;
  readonly sets: Ruleset['sets'];
}

/** A block that was put into a chain of its own, and what came of it. */
interface KnownBlock {
  readonly block: readonly AddressItem[];
  /** The name that the chain was to have, and the one it got. */
  readonly wanted: string;
  readonly chain: string;
  readonly rules: readonly Rule[];
  readonly unions: readonly Union[];
  readonly item: AddressItem;
}

/** By the first rule, and then by where it is. */
const knownBlocks = new WeakMap<Rule, Map<string, KnownBlock>>();

class AddressTree {
  readonly #place: Place;
  readonly #sink: TreeSink;
  readonly #unions = new Map<string, Union>();

  constructor(place: Place, sink: TreeSink) {
    this.#place = place;
    this.#sink = sink;
  }

  /** As many levels of blocks as leave few rules at the top. */
  climb(items: readonly AddressItem[], jumps: number): readonly Rule[] {
    let level = items;
    for (let height = 1; height <= jumps && level.length >= FEWEST_RULES; height++) {
      const { home, side } = this.#place;
      level = addressBlocks(level).map((block) => this.#put(block, `${home}/${side}-${height}`));
    }
    return level.flatMap(({ rules }) => rules);
  }

  #put(block: readonly AddressItem[], place: string): AddressItem {
    const [first = NOTHING] = block;
    const [rule] = first.rules;
    if (rule === undefined || block.length === 1) return first;
    const known = knownBlocks.get(rule) ?? new Map<string, KnownBlock>();
    knownBlocks.set(rule, known);
    const next = this.#inChain(block, place, known.get(place));
    known.set(place, next);
    for (const union of next.unions) {
      this.#unions.set(union.name, union);
      this.#sink.addUnion(union);
    }
    return next.item;
  }

  #inChain(
    block: readonly AddressItem[],
    place: string,
    before: KnownBlock | undefined,
  ): KnownBlock {
    const isSame = before !== undefined && sameBlock(before.block, block);
    const rules = isSame ? before.rules : block.flatMap((item) => item.rules);
    const wanted = isSame ? before.wanted : nameOf(block, place);
    const chain = this.#sink.addChain(wanted, rules);
    return isSame && chain === before.chain
      ? before
      : { ...this.#build(block, chain), block, wanted, chain, rules };
  }

  #build(block: readonly AddressItem[], chain: string): Pick<KnownBlock, 'unions' | 'item'> {
    const { side } = this.#place;
    const unions: Union[] = [];
    const united = (family: Family): readonly string[] => {
      const parts = unitedHolders(block, family);
      if (parts.length < 2) return parts;
      const union = unionOf(
        parts,
        family,
        parts.some((name) => this.#hasNetworks(name)),
      );
      unions.push(union);
      return [union.name];
    };
    const holders: Holders = { 4: united(4), 6: united(6) };
    const jumps = ([4, 6] as const).flatMap((family) =>
      holders[family].map((set) => holderRule({ side, family, set }, chain)),
    );
    const item = { last: block.at(-1)?.last ?? '', rules: jumps, holders };
    return { unions, item };
  }

  #hasNetworks(name: string): boolean {
    return (this.#unions.get(name) ?? this.#place.sets.get(name))?.kind === 'interval';
  }
}

function nameOf(block: readonly AddressItem[], place: string): string {
  return `${place}-${contentHash(block.at(-1)?.last ?? '').slice(0, 8)}`;
}

function sameBlock(a: readonly AddressItem[], b: readonly AddressItem[]): boolean {
  return a.length === b.length && a.every((item, i) => sameItem(item, b[i]));
}

// What else there is in an item follows from these.
function sameItem(a: AddressItem, b: AddressItem | undefined): boolean {
  return a === b || (a.rules[0] === b?.rules[0] && a.holders === b?.holders);
}

const NOTHING: AddressItem = { last: '', rules: [], holders: { 4: [], 6: [] } };
