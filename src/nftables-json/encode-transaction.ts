import type { BaseHook, SetDeclaration } from '../ruleset/ruleset.ts';
import { TABLE } from '../ruleset/ruleset.ts';
import type { Operation, Transaction } from '../ruleset/transaction.ts';
import { encodeElement } from './encode-element.ts';
import { encodeMap } from './encode-map.ts';
import { encodeRule } from './encode-rule.ts';
import { checkName, checkNumber } from './refuse.ts';
import { isTextOnly } from './text-deletions.ts';
import type { ChainObject, Command, NamedObject, SetObject } from './schema.ts';

/** The commands of a transaction, in order. Throws NftablesError `invalid` for what could never be loaded. */
export function encodeTransaction(transaction: Transaction): Command[] {
  return transaction.flatMap((operation) => encodeOperation(operation) ?? []);
}

/**
 * One step as a libnftables command; null for a step that changes nothing or is in `textDeletions`. New elements travel inside
 * `add set`, never as `add element`: for that, nft before 1.0.7 first loads every set of the host.
 */
export function encodeOperation(operation: Operation): Command | null {
  if (operation.op === 'delete-foreign' && isTextOnly(operation.kind)) return null;
  if ('name' in operation) return encodeNamed(operation);
  switch (operation.op) {
    case 'add-table':
      return { add: { table: TABLE } };
    case 'delete-table':
      return { delete: { table: TABLE } };
    case 'add-elements': {
      const declared = declareSet(operation.set);
      const elem = Array.from(operation.elements, (one) => encodeElement(operation.set, one));
      return { add: { set: elem.length === 0 ? declared : { ...declared, elem } } };
    }
    case 'delete-elements': {
      if (operation.elements.length === 0) return null;
      const elem = operation.elements.map((one) => encodeElement(operation.set, one));
      return { delete: { element: { ...named('set', operation.set.name), elem } } };
    }
    case 'add-rule':
      return { add: { rule: encodeRule(operation.chain, operation.rule, operation.map) } };
  }
}

function encodeNamed(operation: Extract<Operation, { readonly name: string }>): Command {
  switch (operation.op) {
    case 'add-counter':
      return { add: { counter: named('counter', operation.name) } };
    case 'add-chain':
      return { add: { chain: declareChain(operation.name, operation.base) } };
    case 'add-map':
      return { add: { map: encodeMap(operation.name, operation.verdict) } };
    case 'delete-map':
      return { delete: { map: named('map', operation.name) } };
    case 'flush-set':
      return { flush: { set: named('set', operation.name) } };
    case 'flush-chain':
      return { flush: { chain: named('chain', operation.name) } };
    case 'delete-counter':
      return { delete: { counter: named('counter', operation.name) } };
    case 'delete-set':
      return { delete: { set: named('set', operation.name) } };
    case 'delete-chain':
      return { delete: { chain: named('chain', operation.name) } };
    case 'delete-foreign':
      return { delete: { [operation.kind]: named(operation.kind, operation.name) } };
  }
}

/** The declaration of a set, without elements. */
export function declareSet(set: SetDeclaration): SetObject {
  const address = set.family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const object = named('set', set.name);
  switch (set.kind) {
    case 'hash':
      return { ...object, type: address };
    case 'interval':
      return { ...object, type: address, flags: ['interval'] };
    case 'named-port':
      return { ...object, type: [address, 'inet_proto', 'inet_service'] };
  }
}

function declareChain(name: string, base: BaseHook | null): ChainObject {
  const object = named('chain', name);
  if (base === null) return object;
  const prio = checkNumber(`priority of chain "${name}"`, base.priority, {
    low: -0x80000000,
    high: 0x7fffffff,
  });
  return { ...object, type: 'filter', hook: base.hook, prio, policy: 'accept' };
}

function named(kind: string, name: string): NamedObject {
  return { family: TABLE.family, table: TABLE.name, name: checkName(kind, name) };
}

/** One step for people: `add-rule in chain ep/eth0`. */
export function describeOperation(operation: Operation): string {
  if (operation.op === 'delete-foreign') return `delete ${operation.kind} ${operation.name}`;
  if ('name' in operation) return `${operation.op} ${operation.name}`;
  switch (operation.op) {
    case 'add-table':
    case 'delete-table':
      return operation.op;
    case 'add-elements':
    case 'delete-elements':
      return `${operation.op} in set ${operation.set.name}`;
    case 'add-rule':
      return `add-rule in chain ${operation.chain}, "${operation.rule.comment}"`;
  }
}
