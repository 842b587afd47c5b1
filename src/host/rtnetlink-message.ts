import { formatAddress, parseAddress } from '../net/address.ts';
import { encodeAttribute, NLM_F, parseAttributes } from '../netlink/message.ts';
import type { NetlinkMessage } from '../netlink/message.ts';

/** Message types of NETLINK_ROUTE that this room uses (include/uapi/linux/rtnetlink.h). */
export const RTM = {
  newLink: 16,
  delLink: 17,
  getLink: 18,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
} as const;

/** Multicast groups whose events the inventory follows: RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE. */
export const RTNLGRP = { link: 1, ipv4Route: 7, ipv6Route: 11 } as const;

/** Address families of a route dump. */
export const AF = { inet: 2, inet6: 10 } as const;

/** What one rtnetlink message says of the inventory. */
export type RtnetlinkEvent =
  | {
      readonly kind: 'link';
      readonly index: number;
      readonly name: string;
      readonly up: boolean;
      readonly running: boolean;
    }
  | { readonly kind: 'link-gone'; readonly index: number }
  /** `key` tells routes to the same address over the same interface apart (prefix length, priority, TOS). */
  | {
      readonly kind: 'local-route' | 'local-route-gone';
      readonly index: number;
      readonly address: string;
      readonly key: string;
    }
  /** A route of table local was replaced; the kernel does not say by which route of which interface. */
  | { readonly kind: 'uncertain' };

const AF_UNSPEC = 0;
const LINK_HEADER_LENGTH = 16;
const ROUTE_HEADER_LENGTH = 12;
const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 1 << 3;
const RT_TABLE_LOCAL = 255;
const RTN_LOCAL = 2;
const RTM_F_CLONED = 0x200;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_PRIORITY = 6;

/** The body of a request for all links, without their statistics. */
export function linkDumpRequest(): Buffer {
  const mask = Buffer.alloc(4);
  mask.writeUInt32LE(RTEXT_FILTER_SKIP_STATS);
  return Buffer.concat([Buffer.alloc(LINK_HEADER_LENGTH), encodeAttribute(IFLA_EXT_MASK, mask)]);
}

/** The body of a request for the local routes of one family; kernels without strict checking answer with all routes. */
export function localRouteDumpRequest(family: number): Buffer {
  const header = Buffer.alloc(ROUTE_HEADER_LENGTH);
  header[0] = family;
  header[4] = RT_TABLE_LOCAL;
  header[7] = RTN_LOCAL;
  return header;
}

/**
 * What `message` says of the inventory; null when nothing: other tables and route types, cached routes, and bridge
 * port messages, which look like links (a port that leaves its bridge is announced as RTM_DELLINK).
 */
export function decodeRtnetlink(message: NetlinkMessage): RtnetlinkEvent | null {
  switch (message.type) {
    case RTM.newLink:
    case RTM.delLink:
      return decodeLink(message);
    case RTM.newRoute:
    case RTM.delRoute:
      return decodeRoute(message);
    default:
      return null;
  }
}

function decodeLink({ type, payload }: NetlinkMessage): RtnetlinkEvent | null {
  if (payload.length < LINK_HEADER_LENGTH || payload[0] !== AF_UNSPEC) return null;
  const index = payload.readInt32LE(4);
  if (type === RTM.delLink) return { kind: 'link-gone', index };
  const name = parseAttributes(payload.subarray(LINK_HEADER_LENGTH)).get(IFLA_IFNAME);
  if (name === undefined) return null;
  const flags = payload.readUInt32LE(8);
  return {
    kind: 'link',
    index,
    name: name.toString('utf8').replace(/\0+$/, ''),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
  };
}

function decodeRoute({ type, flags, payload }: NetlinkMessage): RtnetlinkEvent | null {
  // Routers announce thousands of other routes: those must cost next to nothing.
  if (payload.length < ROUTE_HEADER_LENGTH || payload[4] !== RT_TABLE_LOCAL) return null;
  if ((payload.readUInt32LE(8) & RTM_F_CLONED) !== 0) return null;
  if (type === RTM.newRoute && (flags & NLM_F.replace) !== 0) return { kind: 'uncertain' };
  return payload[7] === RTN_LOCAL ? decodeLocalRoute(type === RTM.newRoute, payload) : null;
}

function decodeLocalRoute(exists: boolean, payload: Buffer): RtnetlinkEvent | null {
  const attributes = parseAttributes(payload.subarray(ROUTE_HEADER_LENGTH));
  const outputInterface = attributes.get(RTA_OIF);
  const address = addressText(attributes.get(RTA_DST));
  if (outputInterface?.length !== 4 || address === null) return null;
  const priority = attributes.get(RTA_PRIORITY)?.toString('hex') ?? '';
  return {
    kind: exists ? 'local-route' : 'local-route-gone',
    index: outputInterface.readInt32LE(0),
    address,
    key: `${payload.readUInt8(1)}:${payload.readUInt8(3)}:${priority}`,
  };
}

function addressText(bytes: Buffer | undefined): string | null {
  if (bytes?.length === 4) return formatAddress(4, BigInt(bytes.readUInt32BE(0)));
  if (bytes?.length !== 16) return null;
  const text = formatAddress(6, (bytes.readBigUInt64BE(0) << 64n) | bytes.readBigUInt64BE(8));
  // An IPv4-mapped address is the IPv4 address, as everywhere in Calico.
  return parseAddress(text)?.text ?? null;
}
