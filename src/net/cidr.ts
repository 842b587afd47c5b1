import { addressLength, formatAddress, ipv6Bits, isMapped, parseAddress } from './address.ts';
import type { Address, Family } from './address.ts';
import { plainCidr } from './plain-cidr.ts';
import type { PlainCidr } from './plain-cidr.ts';

/**
 * A network. `bits` is its first address; `text` is canonical and always carries the prefix length
 * (`10.0.0.0/8`, `192.0.2.1/32`), so equal texts mean equal networks.
 */
export interface Cidr {
  readonly family: Family;
  readonly bits: bigint;
  readonly prefix: number;
  readonly text: string;
}

/**
 * Parses `address/length` and clears the bits beyond the length, as Felix does on reading. Null without a
 * `/`, and for IPv4-mapped IPv6 networks, which Calico handles erratically.
 */
export function parseCidr(text: string): Cidr | null {
  const plain = plainCidr(text);
  if (plain !== null) return { ...plain, bits: BigInt(plain.bits) };
  return strictCidr(text)?.cidr ?? null;
}

/**
 * `parseCidr`, and whether the text had no bits set beyond the prefix length: calicoctl refuses a rule's
 * nets otherwise (`10.0.0.1/8`).
 */
export function strictCidr(
  text: string,
): { readonly cidr: Cidr; readonly isMasked: boolean } | null {
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const address = parseUnmapped(text.slice(0, slash));
  const prefix = parsePrefix(text.slice(slash + 1));
  if (address === null || prefix === null || prefix > addressLength(address.family)) return null;
  const cidr = cidrOf(address.family, address.bits, prefix);
  return { cidr, isMasked: cidr.bits === address.bits };
}

/** Parses a CIDR, or an address as the network of itself (`/32`, `/128`), as in the nets of a network set. */
export function parseNet(text: string): Cidr | null {
  if (text.includes('/')) return parseCidr(text);
  const address = parseAddress(text);
  if (address === null) return null;
  const prefix = addressLength(address.family);
  return { ...address, prefix, text: `${address.text}/${prefix}` };
}

/** `parseNet` at a fraction of its cost where the text is a plain network of IPv4: lists of networks are long. */
export function readNet(text: string): Cidr | PlainCidr | null {
  return plainCidr(text) ?? parseNet(text);
}

/** The network of `prefix` bits that holds the address of value `bits`. */
export function cidrOf(family: Family, bits: bigint, prefix: number): Cidr {
  const free = BigInt(addressLength(family) - prefix);
  const base = (bits >> free) << free;
  return { family, bits: base, prefix, text: `${formatAddress(family, base)}/${prefix}` };
}

/** Whether the address lies in the network. */
export function cidrContains(cidr: Cidr, address: Address): boolean {
  return cidr.family === address.family && sharesPrefix(cidr, address.bits);
}

/** Whether every address of `inner` lies in `outer`; a network covers itself. */
export function cidrCoversCidr(outer: Cidr, inner: Cidr): boolean {
  return (
    outer.family === inner.family && outer.prefix <= inner.prefix && sharesPrefix(outer, inner.bits)
  );
}

/** The family of an address or network text that is known to be one. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** A canonical network text as nftables and Calico's sets write it: one address without its length. */
export function hostText(cidrText: string): string {
  const full = familyOf(cidrText) === 4 ? '/32' : '/128';
  return cidrText.endsWith(full) ? cidrText.slice(0, -full.length) : cidrText;
}

/** An address that stays IPv6 is meant as IPv6; a mapped one in a CIDR could be meant either way. */
function parseUnmapped(text: string): { readonly family: Family; readonly bits: bigint } | null {
  if (familyOf(text) === 4) return parseAddress(text);
  const bits = ipv6Bits(text);
  return bits === null || isMapped(bits) ? null : { family: 6, bits };
}

function parsePrefix(text: string): number | null {
  return /^[0-9]{1,6}$/.test(text) ? Number(text) : null;
}

function sharesPrefix({ family, bits, prefix }: Cidr, other: bigint): boolean {
  const free = BigInt(addressLength(family) - prefix);
  return bits >> free === other >> free;
}
