import { addressLength, formatAddress, formatIpv4 } from './address.ts';
import type { Family } from './address.ts';

/** A node of a trie: a number that is valid until the next change. */
export type TrieNode = number;

const ROOT: TrieNode = 0;
/** No node: nobody has the root for a child. */
const NONE: TrieNode = 0;

/** A network of the trie's family: its first address, and how many of its bits count. */
export interface TrieKey {
  readonly bits: number | bigint;
  readonly prefix: number;
}

/** Where a network is, or would be. */
interface Place {
  /** The deepest node that covers the network, itself included, and the nodes above it. */
  readonly node: TrieNode;
  readonly parent: TrieNode;
  readonly grandparent: TrieNode;
  /** Whether a member above `node` covers the network. */
  readonly isCovered: boolean;
}

/**
 * A set of networks of one family as a path-compressed binary trie: every operation takes at most as many
 * steps as an address has bits. Nodes live in typed arrays, 14 bytes each for IPv4 and 26 for IPv6, less
 * than two of them per member.
 */
export class CidrTrie {
  readonly #family: Family;
  readonly #wordsPerKey: number;
  #keys: Uint32Array;
  #prefixes: Uint8Array;
  #memberFlags: Uint8Array;
  /** The children of node n at 2n and 2n + 1. */
  #children: Uint32Array;
  #used = 1;
  #free: TrieNode[] = [];
  readonly #key: Uint32Array;

  constructor(family: Family) {
    this.#family = family;
    this.#wordsPerKey = addressLength(family) / 32;
    this.#key = new Uint32Array(this.#wordsPerKey);
    const capacity = 64;
    this.#keys = new Uint32Array(capacity * this.#wordsPerKey);
    this.#prefixes = new Uint8Array(capacity);
    this.#memberFlags = new Uint8Array(capacity);
    this.#children = new Uint32Array(2 * capacity);
  }

  /** Nodes in use, the root included: never more than twice the members. */
  get nodeCount(): number {
    return this.#used - this.#free.length;
  }

  /** A set of the same networks. */
  copy(): CidrTrie {
    const copy = new CidrTrie(this.#family);
    copy.#keys = this.#keys.slice();
    copy.#prefixes = this.#prefixes.slice();
    copy.#memberFlags = this.#memberFlags.slice();
    copy.#children = this.#children.slice();
    copy.#used = this.#used;
    copy.#free = this.#free.slice();
    return copy;
  }

  /** Puts a network in; null when it was in already. `isCovered`: a wider member covers it. */
  insert(cidr: TrieKey): { readonly node: TrieNode; readonly isCovered: boolean } | null {
    this.#loadKey(cidr);
    const place = this.#find(cidr.prefix);
    const isExact = this.#prefixes[place.node] === cidr.prefix;
    if (isExact && this.#isMember(place.node)) return null;
    const isCovered = place.isCovered || (!isExact && this.#isMember(place.node));
    const node = isExact ? place.node : this.#attach(place.node, cidr.prefix);
    this.#memberFlags[node] = 1;
    return { node, isCovered };
  }

  /**
   * Takes a network out; null when it was not in. `uncovered` are the widest members that only it covered.
   */
  delete(
    cidr: TrieKey,
  ): { readonly uncovered: readonly string[]; readonly isCovered: boolean } | null {
    this.#loadKey(cidr);
    const place = this.#find(cidr.prefix);
    const { node, isCovered } = place;
    if (this.#prefixes[node] !== cidr.prefix || !this.#isMember(node)) return null;
    this.#memberFlags[node] = 0;
    const uncovered = isCovered ? [] : [...this.widestBelow(node)];
    this.#prune(place);
    return { uncovered, isCovered };
  }

  /** Whether the network is a member that no other one covers. */
  hasWidest(cidr: TrieKey): boolean {
    this.#loadKey(cidr);
    const { node, isCovered } = this.#find(cidr.prefix);
    return this.#prefixes[node] === cidr.prefix && this.#isMember(node) && !isCovered;
  }

  /** The members that no other one covers, by address. */
  *widest(): Generator<string, undefined> {
    if (this.#isMember(ROOT)) yield this.#text(ROOT);
    else yield* this.widestBelow(ROOT);
  }

  /** The members strictly inside a node's network that no other one inside it covers, by address. */
  *widestBelow(top: TrieNode): Generator<string, undefined> {
    const stack = [this.#child(top, 1), this.#child(top, 0)];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node === NONE) continue;
      if (this.#isMember(node)) yield this.#text(node);
      else stack.push(this.#child(node, 1), this.#child(node, 0));
    }
  }

  #find(prefix: number): Place {
    let [node, parent, grandparent, isCovered] = [ROOT, ROOT, ROOT, false];
    for (;;) {
      const length = this.#prefixes[node] ?? 0;
      if (length === prefix) break;
      const child = this.#child(node, this.#keyBit(length));
      if (child === NONE || this.#sharedWith(child, prefix) < (this.#prefixes[child] ?? 0)) break;
      isCovered ||= this.#isMember(node);
      grandparent = parent;
      parent = node;
      node = child;
    }
    return { node, parent, grandparent, isCovered };
  }

  /** A node for the loaded key below `node`, which covers it and has no child that does. */
  #attach(node: TrieNode, prefix: number): TrieNode {
    const side = this.#keyBit(this.#prefixes[node] ?? 0);
    const child = this.#child(node, side);
    const created = this.#create(prefix);
    if (child === NONE) {
      this.#setChild(node, side, created);
      return created;
    }
    const shared = this.#sharedWith(child, prefix);
    if (shared === prefix) {
      this.#setChild(created, this.#nodeBit(child, prefix), child);
      this.#setChild(node, side, created);
      return created;
    }
    const fork = this.#create(shared);
    this.#setChild(fork, this.#keyBit(shared), created);
    this.#setChild(fork, this.#nodeBit(child, shared), child);
    this.#setChild(node, side, fork);
    return created;
  }

  /** Nodes that are neither members nor forks go, so the trie depends on its members alone. */
  #prune({ node, parent, grandparent }: Place): void {
    if (!this.#spliceOut(node, parent)) return;
    this.#spliceOut(parent, grandparent);
  }

  #spliceOut(node: TrieNode, parent: TrieNode): boolean {
    const left = this.#child(node, 0);
    const right = this.#child(node, 1);
    if (node === ROOT || this.#isMember(node) || (left !== NONE && right !== NONE)) return false;
    const side = this.#child(parent, 0) === node ? 0 : 1;
    this.#setChild(parent, side, left === NONE ? right : left);
    this.#free.push(node);
    return true;
  }

  /** A node without children for the first `prefix` bits of the loaded key. */
  #create(prefix: number): TrieNode {
    const node = this.#free.pop() ?? this.#used++;
    if (node >= this.#prefixes.length) this.#grow();
    for (let word = 0; word < this.#wordsPerKey; word++) {
      const kept = Math.min(Math.max(prefix - 32 * word, 0), 32);
      const mask = kept === 0 ? 0 : -1 << (32 - kept);
      this.#keys[node * this.#wordsPerKey + word] = (this.#key[word] ?? 0) & mask;
    }
    this.#prefixes[node] = prefix;
    this.#memberFlags[node] = 0;
    this.#setChild(node, 0, NONE);
    this.#setChild(node, 1, NONE);
    return node;
  }

  #grow(): void {
    const capacity = Math.ceil(this.#prefixes.length * 1.5);
    const [keys, prefixes, memberFlags, children] = [
      new Uint32Array(capacity * this.#wordsPerKey),
      new Uint8Array(capacity),
      new Uint8Array(capacity),
      new Uint32Array(2 * capacity),
    ];
    keys.set(this.#keys);
    prefixes.set(this.#prefixes);
    memberFlags.set(this.#memberFlags);
    children.set(this.#children);
    this.#keys = keys;
    this.#prefixes = prefixes;
    this.#memberFlags = memberFlags;
    this.#children = children;
  }

  #loadKey({ bits }: TrieKey): void {
    if (this.#wordsPerKey === 1) {
      this.#key[0] = Number(bits);
      return;
    }
    const wide = BigInt(bits);
    for (let word = 0; word < 4; word++) {
      this.#key[word] = Number((wide >> BigInt(96 - 32 * word)) & 0xffff_ffffn);
    }
  }

  /** How many leading bits a node's network and the first `prefix` bits of the loaded key share. */
  #sharedWith(node: TrieNode, prefix: number): number {
    const limit = Math.min(prefix, this.#prefixes[node] ?? 0);
    const start = node * this.#wordsPerKey;
    for (let word = 0; 32 * word < limit; word++) {
      const difference = (this.#keys[start + word] ?? 0) ^ (this.#key[word] ?? 0);
      if (difference !== 0) return Math.min(limit, 32 * word + Math.clz32(difference));
    }
    return limit;
  }

  #keyBit(index: number): 0 | 1 {
    return bitOf(this.#key[index >>> 5], index);
  }

  #nodeBit(node: TrieNode, index: number): 0 | 1 {
    return bitOf(this.#keys[node * this.#wordsPerKey + (index >>> 5)], index);
  }

  #isMember(node: TrieNode): boolean {
    return this.#memberFlags[node] === 1;
  }

  #child(node: TrieNode, side: 0 | 1): TrieNode {
    return this.#children[2 * node + side] ?? NONE;
  }

  #setChild(node: TrieNode, side: 0 | 1, child: TrieNode): void {
    this.#children[2 * node + side] = child;
  }

  #text(node: TrieNode): string {
    const prefix = this.#prefixes[node] ?? 0;
    const address = this.#addressText(node);
    return prefix === addressLength(this.#family) ? address : `${address}/${prefix}`;
  }

  #addressText(node: TrieNode): string {
    if (this.#family === 4) return formatIpv4(this.#keys[node] ?? 0);
    let bits = 0n;
    for (let word = 0; word < 4; word++) {
      bits = (bits << 32n) | BigInt(this.#keys[node * 4 + word] ?? 0);
    }
    return formatAddress(6, bits);
  }
}

function bitOf(word: number | undefined, index: number): 0 | 1 {
  return (((word ?? 0) >>> (31 - (index & 31))) & 1) === 1 ? 1 : 0;
}
