import type { Packet } from '../net/packet.ts';

/**
 * Whether a packet is what an IPv6 interface cannot live without: router and neighbour discovery and
 * redirect (ICMPv6 133–137, from this link: hop limit 255), or multicast listener discovery (130–132, 143).
 */
export function isNeighbourDiscovery(packet: Packet): boolean {
  const { family, protocol, icmpType, hopLimit } = packet;
  if (family !== 6 || protocol !== 58 || icmpType === null) return false;
  if (icmpType >= 133 && icmpType <= 137) return hopLimit === 255;
  return (icmpType >= 130 && icmpType <= 132) || icmpType === 143;
}
