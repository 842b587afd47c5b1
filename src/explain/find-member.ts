import { addressLength, parseAddress } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import type { FamilyMembers, MemberSet } from '../policy/local-policy.ts';

/** The members of one family of a set. */
export function membersOf(set: MemberSet, family: 4 | 6): FamilyMembers {
  return family === 4 ? set.ipv4 : set.ipv6;
}

/** The member that is the address, or the narrowest CIDR that contains it; null when there is none. */
export function findMember(members: FamilyMembers, text: string): string | null {
  if (members.has(text)) return text;
  const address = parseAddress(text);
  if (members.addressesOnly || address === null) return null;
  for (let prefix: number = addressLength(address.family); prefix >= 0; prefix--) {
    const net = cidrOf(address.family, address.bits, prefix).text;
    if (members.has(net)) return net;
  }
  return null;
}
