import type { Match, PortRange } from './ruleset.ts';

// What the kernel makes of zero (NFT_LIMIT_PKT_BURST_DEFAULT); nft's syntax has no zero.
const DEFAULT_BURST = 5;

const FAMILIES = { 4: 'ipv4', 6: 'ipv6' } as const;

/** One condition of a rule in nft's own syntax. */
export function matchText(match: Match): string {
  if ('side' in match) return endText(match);
  switch (match.kind) {
    case 'iifname':
    case 'oifname':
      return `${match.kind} ${oneOf(match.names.map(interfaceText), false)}`;
    case 'family':
      return `meta nfproto ${FAMILIES[match.family]}`;
    case 'l4proto':
      return `meta l4proto ${oneOf(match.protocols, match.negated)}`;
    case 'icmp':
      return icmpText(match);
    case 'hoplimit':
      return `ip6 hoplimit ${match.value}`;
    case 'ct-state':
      return `ct state ${match.states.join(',')}`;
    case 'ct-status-dnat':
      return 'ct status dnat';
    case 'mark':
      return `meta mark & ${hex(match.mask)} == ${hex(match.value)}`;
    case 'limit':
      return limitText(match);
  }
}

function icmpText({ family, field, values, negated }: Extract<Match, { kind: 'icmp' }>): string {
  return `${family === 4 ? 'icmp' : 'icmpv6'} ${field} ${oneOf(values, negated)}`;
}

function limitText({ rate, per, burst }: Extract<Match, { kind: 'limit' }>): string {
  return `limit rate ${rate}/${per} burst ${burst === 0 ? DEFAULT_BURST : burst} packets`;
}

function endText(match: Extract<Match, { readonly side: unknown }>): string {
  switch (match.kind) {
    case 'address':
      return `${network(match.family)} ${match.side} ${oneOf(match.nets, match.negated)}`;
    case 'address-set':
      return `${network(match.family)} ${match.side} ${named(match.set, match.negated)}`;
    case 'port':
      return `th ${match.side} ${oneOf(match.ports.map(portText), match.negated)}`;
    case 'named-port':
      return namedPortText(match);
  }
}

/** An interface name to be matched exactly: nft reads a trailing `*` as a wildcard unless it is escaped. */
export function interfaceText(name: string): string {
  return name.endsWith('*') ? `"${name.slice(0, -1)}\\*"` : `"${name}"`;
}

/** A string; nft has no way to write quotes and line breaks in one. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\u0000-\u001f\u007f]/g, '_')}"`;
}

/** Bits of a mark. */
export function hex(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`;
}

function namedPortText({
  side,
  family,
  set,
  negated,
}: Extract<Match, { kind: 'named-port' }>): string {
  const [address, port] = side === 'source' ? ['saddr', 'sport'] : ['daddr', 'dport'];
  return `${network(family)} ${address} . meta l4proto . th ${port} ${named(set, negated)}`;
}

function network(family: 4 | 6): string {
  return family === 4 ? 'ip' : 'ip6';
}

function named(set: string, negated: boolean): string {
  return `${negated ? '!= ' : ''}@${set}`;
}

function portText({ from, to }: PortRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function oneOf(values: readonly (string | number)[], negated: boolean): string {
  const list = values.length === 1 ? String(values[0]) : `{ ${values.join(', ')} }`;
  return negated ? `!= ${list}` : list;
}
