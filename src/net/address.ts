/** The IP version of an address or network. */
export type Family = 4 | 6;

/**
 * An IP address. `bits` is its value as an unsigned number of 32 or 128 bits; `text` is canonical
 * (RFC 5952 for IPv6, as Go prints it), so equal texts mean equal addresses.
 */
export interface Address {
  readonly family: Family;
  readonly bits: bigint;
  readonly text: string;
}

/** How many bits an address of the family has. */
export function addressLength(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/**
 * Parses an address by the rules of Go's parser, which decides what Calico accepts: no leading zeros in
 * IPv4 octets, no zone. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is the IPv4 address.
 */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) {
    const value = parseIpv4(text);
    return value === null ? null : { family: 4, bits: BigInt(value), text };
  }
  const groups = parseIpv6(text);
  if (groups === null) return null;
  const bits = bitsOfGroups(groups);
  return isMapped(bits)
    ? addressOf(4, bits & 0xffff_ffffn)
    : { family: 6, bits, text: formatIpv6(groups) };
}

/** Whether the text is an IPv4 address; it is canonical then. */
export function isIpv4(text: string): boolean {
  return parseIpv4(text) !== null;
}

/** The address of a value that fits the family. */
export function addressOf(family: Family, bits: bigint): Address {
  return { family, bits, text: formatAddress(family, bits) };
}

/** Canonical text of an address; IPv6 in lower case with the longest run of zero groups shortened. */
export function formatAddress(family: Family, bits: bigint): string {
  if (family === 4) return formatIpv4(Number(bits));
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((bits >> shift) & 0xffffn));
  return formatIpv6(groups);
}

/** Whether 128 bits are an IPv4-mapped address, inside `::ffff:0:0/96`. */
export function isMapped(bits: bigint): boolean {
  return bits >> 32n === 0xffffn;
}

/** Bits of an IPv6 address text, IPv4-mapped ones as they stand; null when it is none. */
export function ipv6Bits(text: string): bigint | null {
  const groups = parseIpv6(text);
  return groups === null ? null : bitsOfGroups(groups);
}

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const LOWER_A = 97;
const LOWER_F = 102;

/** Unsigned 32-bit value; the loop avoids everything that allocates, since lists hold many addresses. */
function parseIpv4(text: string): number | null {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || dots === 3) return null;
      dots += 1;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
    } else {
      if (!(code >= ZERO && code <= NINE) || (digits > 0 && octet === 0)) return null;
      octet = octet * 10 + code - ZERO;
      digits += 1;
      if (octet > 255) return null;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : null;
}

/** Canonical text of the IPv4 address of this unsigned 32-bit value. */
export function formatIpv4(value: number): string {
  const first = (DOTTED[value >>> 24] ?? '') + (DOTTED[(value >>> 16) & 255] ?? '');
  return first + (DOTTED[(value >>> 8) & 255] ?? '') + (OCTETS[value & 255] ?? '');
}

// Lists of addresses are long, and numbers slow to print.
const OCTETS = Array.from({ length: 256 }, (_, octet) => `${octet}`);
const DOTTED = OCTETS.map((octet) => `${octet}.`);

/** The eight groups; `::` must stand for at least one of them. */
function parseIpv6(text: string): readonly number[] | null {
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = parseGroups(text);
    return groups?.length === 8 ? groups : null;
  }
  const before = text.slice(0, gap);
  const head = before === '' ? [] : parseGroups(before, false);
  const after = text.slice(gap + 2);
  const tail = after === '' ? [] : parseGroups(after);
  if (head === null || tail === null || head.length + tail.length > 7) return null;
  while (head.length + tail.length < 8) head.push(0);
  return head.concat(tail);
}

/** Groups between colons; the last two may be written as an IPv4 address where the text ends there. */
function parseGroups(text: string, mayEndInIpv4 = true): number[] | null {
  const groups: number[] = [];
  for (let start = 0; start <= text.length && groups.length < 8;) {
    const colon = text.indexOf(':', start);
    const end = colon < 0 ? text.length : colon;
    const group = parseGroup(text, start, end);
    if (group !== null) {
      groups.push(group);
    } else {
      const value = mayEndInIpv4 && colon < 0 ? parseIpv4(text.slice(start)) : null;
      if (value === null) return null;
      groups.push(Math.floor(value / 0x1_0000), value % 0x1_0000);
    }
    if (colon < 0) return groups;
    start = end + 1;
  }
  return null;
}

/** One to four hexadecimal digits. */
function parseGroup(text: string, start: number, end: number): number | null {
  if (end === start || end - start > 4) return null;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) return null;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const lower = code | 0x20;
  return lower >= LOWER_A && lower <= LOWER_F ? lower - LOWER_A + 10 : -1;
}

function bitsOfGroups(groups: readonly number[]): bigint {
  let bits = 0n;
  for (let i = 0; i < 8; i += 2) {
    bits = (bits << 32n) | BigInt((groups[i] ?? 0) * 0x1_0000 + (groups[i + 1] ?? 0));
  }
  return bits;
}

function formatIpv6(groups: readonly number[]): string {
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return hexGroups(groups, 0, 8);
  return `${hexGroups(groups, 0, start)}::${hexGroups(groups, start + length, 8)}`;
}

function hexGroups(groups: readonly number[], start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) {
    if (i > start) text += ':';
    text += (groups[i] ?? 0).toString(16);
  }
  return text;
}

/** The first of the longest runs. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let [start, longest, length] = [0, 0, 0];
  for (let i = 0; i < 8; i++) {
    length = groups[i] === 0 ? length + 1 : 0;
    if (length <= longest) continue;
    longest = length;
    start = i - length + 1;
  }
  return { start, length: longest };
}
