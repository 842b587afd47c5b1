import { parseAddress } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import { encodeAttribute, parseAttributes } from '../netlink/message.ts';
import type { NetlinkMessage } from '../netlink/message.ts';
import { AF, RTM } from './rtnetlink-message.ts';

/** What the routing table says of a destination. */
export interface Route {
  /** Index of the interface over which packets leave. */
  readonly index: number;
  /** False for this host itself, broadcast and multicast, and where packets are refused. */
  readonly isUnicast: boolean;
}

const HEADER_LENGTH = 12;
const RTA_DST = 1;
const RTA_SRC = 2;
const RTA_OIF = 4;
const RTN_UNICAST = 1;

/**
 * The body of a request for the route to `destination`; `source` is an address of this host, or null for any. Null
 * when one of them is no address of the family.
 */
export function routeRequest(
  family: Family,
  destination: string,
  source: string | null,
): Buffer | null {
  const to = addressBytes(family, destination);
  const from = source === null ? null : addressBytes(family, source);
  if (to === null || (source !== null && from === null)) return null;
  const header = Buffer.alloc(HEADER_LENGTH);
  header[0] = family === 4 ? AF.inet : AF.inet6;
  header[1] = to.length * 8;
  header[2] = (from?.length ?? 0) * 8;
  const parts = [header, encodeAttribute(RTA_DST, to)];
  if (from !== null) parts.push(encodeAttribute(RTA_SRC, from));
  return Buffer.concat(parts);
}

/** The route in the answer; null when there is none. Never throws. */
export function decodeRouteAnswer(messages: readonly NetlinkMessage[]): Route | null {
  const answer = messages.find(({ type }) => type === RTM.newRoute);
  if (answer === undefined || answer.payload.length < HEADER_LENGTH) return null;
  const index = parseAttributes(answer.payload.subarray(HEADER_LENGTH)).get(RTA_OIF);
  if (index?.length !== 4) return null;
  return { index: index.readInt32LE(0), isUnicast: answer.payload[7] === RTN_UNICAST };
}

function addressBytes(family: Family, text: string): Buffer | null {
  const address = parseAddress(text);
  if (address?.family !== family) return null;
  return Buffer.from(address.bits.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex');
}
