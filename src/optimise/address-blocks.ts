import { compareBytes } from '../base/byte-order.ts';
import { contentHash } from '../base/hash.ts';
import type { AddressSide, Family, Rule, SetDeclaration } from '../ruleset/ruleset.ts';
import type { Holders } from './holders.ts';

/** A set that holds what any of its parts holds, of the same family. */
export interface Union extends SetDeclaration {
  /** Names of other sets or unions, each once, sorted. */
  readonly parts: readonly string[];
}

/** Rules, and the sets of which one holds the address of every packet that can meet them. */
export interface AddressItem {
  /** The comment of the last of them all. */
  readonly last: string;
  readonly rules: readonly Rule[];
  readonly holders: Holders;
}

const LEAST_ITEMS = 4;
const MOST_ITEMS = 32;
/** One of so many items ends a block, wherever it stands. */
const ENDS = 8;

/**
 * The items in blocks of a dozen or so, in their order. Where a block ends depends on its own items, so that one more
 * or less changes one block, and equal lists have equal blocks.
 */
export function addressBlocks(items: readonly AddressItem[]): readonly (readonly AddressItem[])[] {
  const blocks: AddressItem[][] = [];
  let block: AddressItem[] = [];
  for (const item of items) {
    block.push(item);
    if (block.length < MOST_ITEMS && (block.length < LEAST_ITEMS || !isEnd(item))) continue;
    blocks.push(block);
    block = [];
  }
  return block.length === 0 ? blocks : [...blocks, block];
}

const ends = new WeakMap<Holders, boolean>();

function isEnd({ holders }: AddressItem): boolean {
  let end = ends.get(holders);
  if (end === undefined) {
    end =
      parseInt(contentHash(`${holders[4].join()} ${holders[6].join()}`).slice(0, 6), 16) % ENDS ===
      0;
    ends.set(holders, end);
  }
  return end;
}

/** What any of the items has in a family, each once, sorted. */
export function unitedHolders(items: readonly AddressItem[], family: Family): readonly string[] {
  return [...new Set(items.flatMap(({ holders }) => holders[family]))].sort(compareBytes);
}

/** The union of sets, with networks if one of them has any. Named by its parts and, like all sets, by its kind. */
export function unionOf(parts: readonly string[], family: Family, hasNetworks: boolean): Union {
  const name = `u-${contentHash(parts.join(' '))}-${family}${hasNetworks ? 'i' : ''}`;
  return { name, family, kind: hasNetworks ? 'interval' : 'hash', parts };
}

/** The rule that sends packets of the addresses in a set to a chain. */
export function holderRule(
  {
    side,
    family,
    set,
  }: { readonly side: AddressSide; readonly family: Family; readonly set: string },
  chain: string,
): Rule {
  return {
    comment: '',
    matches: [{ kind: 'address-set', side, family, negated: false, set }],
    statements: [{ kind: 'verdict', verdict: { kind: 'jump', chain } }],
  };
}
