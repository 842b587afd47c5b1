import { ipv6Bits, parseAddress } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import type { NetlinkMessage } from '../netlink/message.ts';

/** Message types of NETLINK_SOCK_DIAG (include/uapi/linux/sock_diag.h). */
export const SOCK_DIAG = { byFamily: 20, destroy: 21 } as const;

/** A TCP socket by its two ends. */
export interface SocketEnds {
  readonly family: Family;
  readonly local: string;
  readonly localPort: number | null;
  readonly remote: string;
  readonly remotePort: number | null;
}

const AF_INET = 2;
const AF_INET6 = 10;
const TCP = 6;
const TCP_LISTEN = 10;
// struct inet_diag_req_v2: family, protocol, ext, pad, states, then struct inet_diag_sockid.
const REQUEST_LENGTH = 56;
const STATES_AT = 4;
const ID_AT = 8;
// Within struct inet_diag_sockid.
const ADDRESS_AT = { local: 4, remote: 20 } as const;
const COOKIE_AT = 40;
const COOKIE_LENGTH = 8;
// struct inet_diag_msg: family, state, timer, retransmissions, then struct inet_diag_sockid.
const ANSWER_ID_AT = 4;
const NO_COOKIE = Buffer.alloc(COOKIE_LENGTH, 0xff);

/** The body of a request about exactly this socket; null when it cannot exist. `cookie`: the one it must have. */
export function socketRequest(ends: SocketEnds, cookie: Buffer | null): Buffer | null {
  const local = addressBytes(ends.family, ends.local);
  const remote = addressBytes(ends.family, ends.remote);
  if (local === null || remote === null) return null;
  if (ends.localPort === null || ends.remotePort === null) return null;
  const body = Buffer.alloc(REQUEST_LENGTH);
  body[0] = ends.family === 4 ? AF_INET : AF_INET6;
  body[1] = TCP;
  body.writeUInt32LE(0xffffffff, STATES_AT);
  body.writeUInt16BE(ends.localPort, ID_AT);
  body.writeUInt16BE(ends.remotePort, ID_AT + 2);
  local.copy(body, ID_AT + ADDRESS_AT.local);
  remote.copy(body, ID_AT + ADDRESS_AT.remote);
  (cookie ?? NO_COOKIE).copy(body, ID_AT + COOKIE_AT);
  return body;
}

/** The cookie of the connected socket in the answer; null when there is none, or it only listens. Never throws. */
export function decodeSocket(messages: readonly NetlinkMessage[]): Buffer | null {
  const payload = messages.find(({ type }) => type === SOCK_DIAG.byFamily)?.payload;
  const at = ANSWER_ID_AT + COOKIE_AT;
  if (payload === undefined || payload.length < at + COOKIE_LENGTH) return null;
  return payload[1] === TCP_LISTEN ? null : Buffer.from(payload.subarray(at, at + COOKIE_LENGTH));
}

function addressBytes(family: Family, text: string): Buffer | null {
  const address = parseAddress(text);
  const bits = family === 6 ? ipv6Bits(text) : address?.family === 4 ? address.bits : null;
  return bits === null
    ? null
    : Buffer.from(bits.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex');
}
