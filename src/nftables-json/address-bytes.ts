import type { Family } from '../ruleset/ruleset.ts';

/** Length of an address. */
export function addressLength(family: Family): number {
  return family === 4 ? 4 : 16;
}

/** Writes an address, whose text must be valid, in network byte order. */
export function writeAddress(into: Uint8Array, family: Family, text: string): void {
  if (family === 4) writeIpv4(into, 0, text);
  else writeIpv6(into, text);
}

/** Clears the bits of an address behind its prefix. */
export function clearHostBits(address: Uint8Array, prefix: number): void {
  for (let index = prefix >> 3; index < address.length; index++) {
    const kept = Math.max(0, prefix - index * 8);
    address[index] = (address[index] ?? 0) & (0xff << (8 - Math.min(kept, 8)));
  }
}

/** The first address after the prefix; false when there is none. `address` must have no host bits. */
export function writeNext(into: Uint8Array, address: Uint8Array, prefix: number): boolean {
  into.set(address);
  if (prefix === 0) return false;
  let carry = 1 << ((8 - (prefix & 7)) & 7);
  for (let index = (prefix - 1) >> 3; index >= 0 && carry > 0; index--) {
    const sum = (into[index] ?? 0) + carry;
    into[index] = sum & 0xff;
    carry = sum >> 8;
  }
  return carry === 0;
}

const DOT = 46;
const ZERO = 48;

function writeIpv4(into: Uint8Array, start: number, text: string): void {
  let at = start;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      into[at++] = value;
      value = 0;
    } else value = value * 10 + code - ZERO;
  }
  into[at] = value;
}

function writeIpv6(into: Uint8Array, text: string): void {
  const [head = '', tail] = text.split('::');
  into.fill(0);
  writeGroups(into, 0, head);
  if (tail !== undefined) writeGroups(into, 16 - groupsLength(tail), tail);
}

function writeGroups(into: Uint8Array, start: number, text: string): void {
  let at = start;
  for (const group of text === '' ? [] : text.split(':')) {
    if (group.includes('.')) {
      writeIpv4(into, at, group);
      return;
    }
    const value = Number.parseInt(group, 16);
    into[at++] = value >> 8;
    into[at++] = value & 0xff;
  }
}

// The last 32 bits may be written as an IPv4 address.
function groupsLength(text: string): number {
  if (text === '') return 0;
  return text.split(':').reduce((sum, group) => sum + (group.includes('.') ? 4 : 2), 0);
}
