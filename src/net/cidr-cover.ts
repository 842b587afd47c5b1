import type { TextList } from '../base/text-list.ts';
import type { Family } from './address.ts';
import { hostText, readNet } from './cidr.ts';
import { CidrTrie } from './cidr-trie.ts';

/** What one change of the members did to the widest ones. */
export interface CoverChange {
  readonly added: string[];
  readonly removed: string[];
}

/**
 * A set of networks that shows only its widest members: those that no other member covers, because nft
 * interval sets refuse overlaps. What it shows depends on the present members alone, never on their
 * history. Single addresses are shown without prefix length, and may be given either way.
 *
 * A change costs a few microseconds and what it covers or lays bare. IPv4 and IPv6 do not meet.
 */
export class CidrCover implements Iterable<string> {
  readonly #tries: Record<Family, CidrTrie | null> = { 4: null, 6: null };
  #size = 0;

  /** How many members are shown. */
  get size(): number {
    return this.#size;
  }

  /** Adds a member. Nothing changes when it is one already, or when the text is no network. */
  add(text: string): CoverChange {
    const cidr = readNet(text);
    if (cidr === null) return { added: [], removed: [] };
    const trie = (this.#tries[cidr.family] ??= new CidrTrie(cidr.family));
    const inserted = trie.insert(cidr);
    if (inserted === null || inserted.isCovered) return { added: [], removed: [] };
    const removed = [...trie.widestBelow(inserted.node)];
    this.#size += 1 - removed.length;
    return { added: [hostText(cidr.text)], removed };
  }

  /** Removes a member; those that only it covered are shown again. Nothing changes when it is none. */
  remove(text: string): CoverChange {
    const cidr = readNet(text);
    const deleted = cidr === null ? null : this.#tries[cidr.family]?.delete(cidr);
    if (cidr === null || !deleted || deleted.isCovered) return { added: [], removed: [] };
    const added = [...deleted.uncovered];
    this.#size += added.length - 1;
    return { added, removed: [hostText(cidr.text)] };
  }

  /** Whether the network is shown. */
  has(text: string): boolean {
    const cidr = readNet(text);
    return cidr !== null && (this.#tries[cidr.family]?.hasWidest(cidr) ?? false);
  }

  /** The shown members by address, IPv4 first; not to be continued after a change. */
  [Symbol.iterator](): Generator<string, undefined> {
    return widestOf(this.#present());
  }

  /** The same for good: a copy of some bytes for each member. */
  kept(): TextList {
    const tries = this.#present().map((trie) => trie.copy());
    return { length: this.#size, [Symbol.iterator]: () => widestOf(tries) };
  }

  #present(): readonly CidrTrie[] {
    return [this.#tries[4], this.#tries[6]].filter((trie) => trie !== null);
  }
}

function* widestOf(tries: readonly CidrTrie[]): Generator<string, undefined> {
  for (const trie of tries) yield* trie.widest();
}
