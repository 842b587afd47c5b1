import { addressLength, formatAddress, parseAddress } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import type { PacketView } from './evaluate-hooks.ts';
import type { BranchField, MapVerdict } from './ruleset.ts';

const ALL_PORT_BITS = 0xffff;

/** The type of the keys that a verdict is looked up by, as nft calls it. */
export function mapKeyType(
  verdict: MapVerdict,
): 'ifname' | 'inet_service' | 'ipv4_addr' | 'ipv6_addr' {
  if (verdict.kind === 'dispatch') return 'ifname';
  const { field } = verdict;
  if (field.kind === 'dport') return 'inet_service';
  return field.family === 4 ? 'ipv4_addr' : 'ipv6_addr';
}

/** The mask that a branch puts on its field, as nft writes it; null when it looks at all bits. */
export function branchMask(field: BranchField): string | number | null {
  if (field.kind === 'dport') return field.mask === ALL_PORT_BITS ? null : field.mask;
  const { family, prefix } = field;
  const length = addressLength(family);
  if (prefix === length) return null;
  const free = BigInt(length - prefix);
  return formatAddress(family, ((1n << BigInt(length)) - 1n) & ~((1n << free) - 1n));
}

/** The key under which a branch looks for a packet; null when it has no such field. */
export function branchKey(
  field: BranchField,
  { packet, destination, destinationPort }: PacketView,
): string | null | { readonly unsupported: string } {
  if (field.kind === 'dport') {
    if (destinationPort !== null) return String(destinationPort & field.mask);
    return { unsupported: `dport is asked of protocol ${packet.protocol}, which has no ports` };
  }
  if (packet.family !== field.family) return null;
  const address = parseAddress(field.kind === 'saddr' ? packet.source : destination);
  if (address === null) return { unsupported: `the packet has no ${field.kind}` };
  return formatAddress(field.family, cidrOf(field.family, address.bits, field.prefix).bits);
}
