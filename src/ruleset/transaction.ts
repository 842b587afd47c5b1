import type { TextList } from '../base/text-list.ts';
import type { BaseHook, Chain, MapVerdict, Rule, SetDeclaration } from './ruleset.ts';

/** One step on our table. Steps run in order; a transaction lands whole or not at all. */
export type Operation =
  /** Creates the table when it is missing. */
  | { readonly op: 'add-table' }
  /** Fails when the table is missing. */
  | { readonly op: 'delete-table' }
  /** Creates the counter at zero, or keeps the existing one with its count. */
  | { readonly op: 'add-counter'; readonly name: string }
  | { readonly op: 'delete-counter'; readonly name: string }
  /** Creates the set when missing and adds `elements` to what it holds. */
  | {
      readonly op: 'add-elements';
      readonly set: SetDeclaration;
      readonly elements: TextList;
    }
  /** Fails the transaction when one of them is not in the set. */
  | {
      readonly op: 'delete-elements';
      readonly set: SetDeclaration;
      readonly elements: readonly string[];
    }
  | { readonly op: 'flush-set'; readonly name: string }
  | { readonly op: 'delete-set'; readonly name: string }
  /** Creates the chain when missing; an existing chain keeps its rules. */
  | { readonly op: 'add-chain'; readonly name: string; readonly base: BaseHook | null }
  | { readonly op: 'flush-chain'; readonly name: string }
  | { readonly op: 'delete-chain'; readonly name: string }
  /** Creates a map of these verdicts, for rules to name, or adds to one that no rule looks into; fails where one does. */
  | { readonly op: 'add-map'; readonly name: string; readonly verdict: MapVerdict }
  | { readonly op: 'delete-map'; readonly name: string }
  /** Appends. `map` holds the verdicts that it looks up; without it they are in a map that goes with the rule. */
  | { readonly op: 'add-rule'; readonly chain: string; readonly rule: Rule; readonly map?: string }
  /** Removes an object of a kind that we never create. */
  | { readonly op: 'delete-foreign'; readonly kind: ForeignKind; readonly name: string };

/** Kinds of nftables objects that only others put into our table; maps those that are not named like ours. */
export type ForeignKind =
  | 'map'
  | 'flowtable'
  | 'quota'
  | 'limit'
  | 'ct helper'
  | 'ct timeout'
  | 'ct expectation'
  | 'secmark'
  | 'synproxy';

export type Transaction = readonly Operation[];

/** A chain found in the kernel; its rules are not compared, only counted. */
export interface FoundChain {
  readonly name: string;
  /** Null for a chain that no hook calls; `foreign` for a base chain that we would never declare. */
  readonly base: BaseHook | 'foreign' | null;
}

/** A set or map found in the kernel, of whatever kind. */
export interface FoundSet {
  readonly name: string;
}

/** A named counter's value. Grows until the counter is deleted. */
export interface CounterValue {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

/** What is in our table, seen from outside; null in `Nftables.read` when there is no table. */
export interface TableInventory {
  readonly chains: readonly FoundChain[];
  readonly sets: readonly FoundSet[];
  readonly maps: readonly FoundSet[];
  readonly counters: readonly CounterValue[];
  readonly foreign: readonly { readonly kind: ForeignKind; readonly name: string }[];
}

/** The state of a `memory` table, or what a test expects to find. */
export interface TableContents {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly sets: ReadonlyMap<string, SetDeclaration & { readonly elements: ReadonlySet<string> }>;
  readonly counters: ReadonlySet<string>;
}
