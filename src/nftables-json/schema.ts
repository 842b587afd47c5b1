/**
 * The part of the libnftables JSON schema (version 1, libnftables-json(5)) that we write and read. Written
 * so that nft 1.0.2 and later understand it: numbers as numbers, names of symbols only where nft knows them by itself.
 */

import type { mapKeyType } from '../ruleset/branch.ts';

/** Table that an object lives in; every object we write lives in ours. */
export interface InTable {
  readonly family: 'inet';
  readonly table: string;
}

/** An address prefix; nft clears the host bits. */
export interface PrefixValue {
  readonly prefix: { readonly addr: string; readonly len: number };
}

/** A constant, on the right of a match or in a set. */
export type Value = string | number | PrefixValue | { readonly range: readonly [number, number] };

/** An element of a named set. */
export type Element = string | PrefixValue | { readonly concat: readonly [string, number, number] };

/** What a match looks at. */
export type Key =
  | { readonly meta: { readonly key: string } }
  | { readonly ct: { readonly key: string } }
  | { readonly payload: { readonly protocol: string; readonly field: string } }
  | { readonly concat: readonly Key[] }
  | { readonly '&': readonly [Key, number | string] }
  | { readonly '|': readonly [Key, number] };

/** One condition; `in` tests bits of a bit field, where `==` would compare the whole of it. */
export interface MatchExpression {
  readonly match: {
    readonly op: '==' | '!=' | 'in';
    readonly left: Key;
    readonly right: Value | readonly string[] | { readonly set: readonly Value[] };
  };
}

export interface Target {
  readonly target: string;
}

/** An entry of a verdict map. */
export type VerdictEntry = readonly [
  string | number,
  { readonly goto: Target } | { readonly jump: Target },
];

/** One step of a rule. */
export type Expression =
  | MatchExpression
  | {
      readonly limit: { readonly rate: number; readonly per: string; readonly burst: number };
    }
  | { readonly counter: string }
  | { readonly log: { readonly prefix: string; readonly level: string } }
  | { readonly log: { readonly prefix: string; readonly group: number } }
  | { readonly mangle: { readonly key: Key; readonly value: Key | number } }
  | { readonly notrack: null }
  | { readonly accept: null }
  | { readonly drop: null }
  | { readonly return: null }
  | { readonly reject: { readonly type: 'icmpx'; readonly expr: 'port-unreachable' } }
  | { readonly jump: Target }
  | { readonly goto: Target }
  | {
      readonly vmap: {
        readonly key: Key;
        readonly data: { readonly set: readonly VerdictEntry[] } | `@${string}`;
      };
    };

export interface NamedObject extends InTable {
  readonly name: string;
}

export interface ChainObject extends NamedObject {
  readonly type?: 'filter';
  readonly hook?: string;
  readonly prio?: number;
  readonly policy?: 'accept';
}

export interface SetObject extends NamedObject {
  readonly type: string | readonly string[];
  readonly flags?: readonly string[];
  readonly elem?: readonly Element[];
}

/** A map to verdicts. */
export interface MapObject extends NamedObject {
  readonly type: ReturnType<typeof mapKeyType>;
  readonly map: 'verdict';
  readonly flags: readonly string[];
  readonly size: number;
  readonly elem: readonly VerdictEntry[];
}

export interface RuleObject extends InTable {
  readonly chain: string;
  readonly comment?: string;
  readonly expr: readonly Expression[];
}

/** Everything that `add` can create. There is no `element`: see `encodeOperation`. */
export type Addition =
  | { readonly table: { readonly family: 'inet'; readonly name: string } }
  | { readonly chain: ChainObject }
  | { readonly set: SetObject }
  | { readonly map: MapObject }
  | { readonly counter: NamedObject }
  | { readonly rule: RuleObject };

/** Everything that `delete` can remove; the key is nft's word for the kind of object. */
export type Deletion =
  | { readonly table: { readonly family: 'inet'; readonly name: string } }
  | { readonly element: NamedObject & { readonly elem: readonly Element[] } }
  | Readonly<Record<string, NamedObject>>;

/** One command of a transaction. */
export type Command =
  | { readonly add: Addition }
  | { readonly delete: Deletion }
  | { readonly flush: { readonly set: NamedObject } | { readonly chain: NamedObject } };
