import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { parseAddress } from '../net/address.ts';
import { cidrContains, parseNet } from '../net/cidr.ts';
import type { Cidr } from '../net/cidr.ts';
import type { Packet } from '../net/packet.ts';

/**
 * Whether a packet comes from, goes to, or is translated to an address in one of `nets` (addresses or CIDRs); without
 * any, every packet. Fails with what cannot be read.
 */
export function packetsWithin(
  nets: readonly string[],
): Result<(packet: Packet) => boolean, string> {
  const cidrs: Cidr[] = [];
  for (const text of nets) {
    const cidr = parseNet(text);
    if (cidr === null)
      return err(
        `"${text}" is no address and no network: write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/64`,
      );
    cidrs.push(cidr);
  }
  if (cidrs.length === 0) return ok(() => true);
  return ok(({ source, destination, dnat }) =>
    [source, destination, dnat?.destination].some(
      (text) => text !== undefined && isWithin(text, cidrs),
    ),
  );
}

function isWithin(text: string, cidrs: readonly Cidr[]): boolean {
  const address = parseAddress(text);
  return address !== null && cidrs.some((cidr) => cidrContains(cidr, address));
}
