import type { Family } from '../ruleset/ruleset.ts';

/**
 * The first and the last address of an address or CIDR, in hexadecimal of fixed width, so that they sort as
 * strings. The caller has checked the text; host bits are cleared, as nft does.
 */
export interface Span {
  readonly first: string;
  readonly last: string;
}

/** The span of `net`. Pure. */
export function spanOf(family: Family, net: string): Span {
  const [address = '', length] = net.split('/');
  const bits = family === 4 ? 32 : 128;
  const hostBits = BigInt(bits - Number(length ?? bits));
  const first = (toNumber(family, address) >> hostBits) << hostBits;
  const last = first + (1n << hostBits) - 1n;
  return { first: toHex(first, bits), last: toHex(last, bits) };
}

/** Whether two of the spans overlap without being the same. */
export function hasOverlap(spans: Iterable<Span>): boolean {
  const sorted = Array.from(spans).sort(byFirst);
  let previous: Span | undefined;
  for (const span of sorted) {
    if (previous !== undefined && span.first <= previous.last) return true;
    previous = span;
  }
  return false;
}

function byFirst(a: Span, b: Span): number {
  if (a.first === b.first) return 0;
  return a.first < b.first ? -1 : 1;
}

function toHex(value: bigint, bits: number): string {
  return value.toString(16).padStart(bits / 4, '0');
}

function toNumber(family: Family, address: string): bigint {
  return family === 4 ? fromIpv4(address) : fromIpv6(address);
}

function fromIpv4(address: string): bigint {
  return address.split('.').reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function fromIpv6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0n);
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | group, 0n);
}

// The last 32 bits may be written as an IPv4 address.
function groupsOf(text: string): readonly bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = fromIpv4(group);
    return [value >> 16n, value & 0xffffn];
  });
}
