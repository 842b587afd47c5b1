import { addressLength } from './address.ts';
import { cidrCoversCidr, cidrOf, parseNet } from './cidr.ts';
import type { Cidr } from './cidr.ts';

/**
 * The fewest networks that hold exactly the same addresses: covered ones vanish, neighbours merge
 * (`10.0.0.0/25` and `10.0.0.128/25` into `10.0.0.0/24`). Canonical, with prefix length, IPv4 before IPv6, by
 * address. Texts that are neither network nor address are left out.
 */
export function mergeCidrs(texts: Iterable<string>): string[] {
  const merged: Cidr[] = [];
  for (const cidr of maximalCidrs(texts)) {
    merged.push(cidr);
    for (let whole = wholeOf(merged); whole !== null; whole = wholeOf(merged)) {
      merged.splice(-2, 2, whole);
    }
  }
  return merged.map(({ text }) => text);
}

/**
 * The networks that no other one of the list covers, each once; what is written stays recognisable.
 * Form and order as in `mergeCidrs`.
 */
export function coverCidrs(texts: Iterable<string>): string[] {
  return maximalCidrs(texts).map(({ text }) => text);
}

/** In this order a network comes straight before everything it covers. */
function maximalCidrs(texts: Iterable<string>): Cidr[] {
  const cidrs: Cidr[] = [];
  for (const text of texts) {
    const cidr = parseNet(text);
    if (cidr !== null) cidrs.push(cidr);
  }
  cidrs.sort(compareCidrs);
  const maximal: Cidr[] = [];
  for (const cidr of cidrs) {
    const last = maximal[maximal.length - 1];
    if (last === undefined || !cidrCoversCidr(last, cidr)) maximal.push(cidr);
  }
  return maximal;
}

function compareCidrs(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.bits !== b.bits) return a.bits < b.bits ? -1 : 1;
  return a.prefix - b.prefix;
}

/** The network that the last two make up together, if they are its two halves. */
function wholeOf(cidrs: readonly Cidr[]): Cidr | null {
  const [lower, upper] = cidrs.slice(-2);
  if (lower === undefined || upper === undefined) return null;
  const { family, bits, prefix } = lower;
  if (family !== upper.family || prefix !== upper.prefix) return null;
  const size = 1n << BigInt(addressLength(family) - prefix);
  const areHalves = (bits & size) === 0n && bits + size === upper.bits;
  return areHalves ? cidrOf(family, bits, prefix - 1) : null;
}
