import type { Family, Match, PortRange } from '../ruleset/ruleset.ts';
import { encodeNet } from './encode-element.ts';
import { checkName, checkNumber, checkText, refuse } from './refuse.ts';
import type { Expression, Key, MatchExpression, Value } from './schema.ts';

const FAMILIES = { 4: 'ipv4', 6: 'ipv6' } as const;
const UINT32 = { high: 0xffffffff };
const BYTE = { high: 255 };

/** One condition of a rule. Throws NftablesError `invalid` for values that no kernel would take. */
export function encodeMatch(match: Match): Expression {
  if ('side' in match) return encodeEndMatch(match);
  switch (match.kind) {
    case 'iifname':
    case 'oifname':
      return oneOf(meta(match.kind), match.names.map(encodeInterface), false);
    case 'family':
      return equals(meta('nfproto'), FAMILIES[match.family]);
    case 'l4proto':
      return oneOf(meta('l4proto'), numbers('protocol', match.protocols), match.negated);
    case 'icmp':
      return encodeIcmp(match);
    case 'hoplimit':
      return equals(payload('ip6', 'hoplimit'), checkNumber('hop limit', match.value, BYTE));
    case 'ct-state':
      return hasBits('state', match.states);
    case 'ct-status-dnat':
      return hasBits('status', ['dnat']);
    case 'mark':
      return encodeMark(match);
    case 'limit':
      return encodeLimit(match);
  }
}

type EndMatch = Extract<Match, { readonly side: unknown }>;

function encodeEndMatch(match: EndMatch): Expression {
  switch (match.kind) {
    case 'address': {
      const nets = match.nets.map((net) => encodeNet(match.family, net));
      return oneOf(addressKey(match.family, match.side), nets, match.negated);
    }
    case 'address-set':
      return inSet(addressKey(match.family, match.side), match.set, match.negated);
    case 'port':
      return oneOf(payload('th', match.side), match.ports.map(encodePorts), match.negated);
    case 'named-port':
      return encodeNamedPort(match);
  }
}

function encodeIcmp(match: Extract<Match, { kind: 'icmp' }>): Expression {
  const key = payload(match.family === 4 ? 'icmp' : 'icmpv6', match.field);
  return oneOf(key, numbers(`ICMP ${match.field}`, match.values), match.negated);
}

function encodeMark(match: Extract<Match, { kind: 'mark' }>): Expression {
  const mask = checkNumber('mark mask', match.mask, UINT32);
  return equals({ '&': [meta('mark'), mask] }, checkNumber('mark', match.value, UINT32));
}

function encodeLimit(match: Extract<Match, { kind: 'limit' }>): Expression {
  const rate = checkNumber('rate of the limit', match.rate, { low: 1, high: 0xffffffff });
  const burst = checkNumber('burst of the limit', match.burst, UINT32);
  return { limit: { rate, per: match.per, burst } };
}

// Bit fields are tested with `in`: `==` would compare the whole field and hardly ever match.
function hasBits(field: string, bits: readonly string[]): Expression {
  if (bits.length === 0) refuse(`a match on ct ${field} lists no value`);
  return { match: { op: 'in', left: { ct: { key: field } }, right: bits } };
}

/** Key of `meta` expressions, such as `mark`. */
export function meta(key: string): Key {
  return { meta: { key } };
}

/**
 * An interface name to be matched exactly: nft reads a trailing `*` as a wildcard unless it is escaped.
 * Throws NftablesError `invalid` for names that nft cannot express.
 */
export function encodeInterface(name: string): string {
  checkText('interface name', name, 15);
  if (name === '') refuse('an interface name is empty');
  if (name.startsWith('@'))
    refuse(`interface name "${name}": nft reads a leading @ as the name of a set`);
  if (!name.endsWith('*')) return name;
  if (Buffer.byteLength(name) === 15)
    refuse(`interface name "${name}": nft cannot escape the * at the end of 15 bytes`);
  return `${name.slice(0, -1)}\\*`;
}

function encodeNamedPort(match: Extract<Match, { kind: 'named-port' }>): MatchExpression {
  const [address, port] =
    match.side === 'source' ? (['saddr', 'sport'] as const) : (['daddr', 'dport'] as const);
  const concat = [addressKey(match.family, address), meta('l4proto'), payload('th', port)];
  return inSet({ concat }, match.set, match.negated);
}

function encodePorts({ from, to }: PortRange): Value {
  checkNumber('port', from, { high: 65_535 });
  checkNumber('end of port range', to, { low: from, high: 65_535 });
  return from === to ? from : { range: [from, to] };
}

function numbers(what: string, values: readonly number[]): readonly number[] {
  return values.map((value) => checkNumber(what, value, BYTE));
}

/** Key of a header field. */
export function payload(protocol: string, field: string): Key {
  return { payload: { protocol, field } };
}

/** Key of an address. */
export function addressKey(family: Family, side: string): Key {
  return payload(family === 4 ? 'ip' : 'ip6', side);
}

function equals(left: Key, right: Value): MatchExpression {
  return { match: { op: '==', left, right } };
}

function inSet(left: Key, set: string, negated: boolean): MatchExpression {
  const right = `@${checkName('set', set)}`;
  return { match: { op: negated ? '!=' : '==', left, right } };
}

function oneOf(left: Key, values: readonly Value[], negated: boolean): MatchExpression {
  const [first] = values;
  if (first === undefined) refuse(`a match on ${JSON.stringify(left)} lists no value`);
  const right = values.length === 1 ? first : { set: values };
  return { match: { op: negated ? '!=' : '==', left, right } };
}
