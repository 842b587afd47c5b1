import { errnoError } from './errno.ts';
import type { Libc } from './libc.ts';
import { portFilter } from './port-filter.ts';
import type { UnwantedMessages } from './port-filter.ts';

/** Which netlink family to speak (`NETLINK`) and which groups to hear. */
export interface NetlinkOptions {
  readonly protocol: number;
  /** Multicast group numbers (not a bit mask), such as RTNLGRP_LINK = 1. */
  readonly groups: readonly number[];
  /** Wanted size of the kernel's queue towards us; without CAP_NET_ADMIN net.core.rmem_max limits it. */
  readonly receiveBufferBytes?: number;
  /** NETLINK_GET_STRICT_CHK (Linux 4.20): the kernel honours the filter in a dump request. Older kernels ignore it. */
  readonly strictDumps?: boolean;
  /** Multicast that the kernel is asked not to deliver; where it cannot do that, it is delivered. */
  readonly unwanted?: UnwantedMessages | null;
}

// Values of Linux on every CPU that koffi has a build for.
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = { level: SOL_SOCKET, name: 7 };
const SO_RCVBUF = { level: SOL_SOCKET, name: 8 };
const SO_SNDBUFFORCE = { level: SOL_SOCKET, name: 32 };
const SO_RCVBUFFORCE = { level: SOL_SOCKET, name: 33 };
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = { level: SOL_NETLINK, name: 1 };
const NETLINK_DROP_MEMBERSHIP = { level: SOL_NETLINK, name: 2 };
const NETLINK_CAP_ACK = { level: SOL_NETLINK, name: 10 };
const NETLINK_EXT_ACK = { level: SOL_NETLINK, name: 11 };
const NETLINK_GET_STRICT_CHK = { level: SOL_NETLINK, name: 12 };

/** Length of `struct sockaddr_nl`. */
export const ADDRESS_LENGTH = 12;

/** Opens, binds and configures a socket; throws HostError with the errno's name. `sendBufferBytes` 0: as it comes. */
export function openSocket(
  libc: Libc,
  options: NetlinkOptions,
  sendBufferBytes: number,
): { readonly fd: number; readonly portId: number } {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = libc.socket(AF_NETLINK, type, options.protocol);
  if (fd < 0) throw errnoError(`netlink socket of protocol ${options.protocol}`, libc.errno());
  try {
    const portId = bind(libc, fd);
    configure(libc, fd, options);
    const size = uint32(sendBufferBytes);
    if (sendBufferBytes > 0 && libc.setsockopt(fd, SO_SNDBUFFORCE, size) < 0)
      libc.setsockopt(fd, SO_SNDBUF, size);
    return { fd, portId };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function bind(libc: Libc, fd: number): number {
  if (libc.bind(fd, netlinkAddress(), ADDRESS_LENGTH) < 0)
    throw errnoError('binding a netlink socket', libc.errno());
  const own = netlinkAddress();
  if (libc.getsockname(fd, own, uint32(ADDRESS_LENGTH)) < 0)
    throw errnoError('reading the port of a netlink socket', libc.errno());
  return own.readUInt32LE(4);
}

function configure(libc: Libc, fd: number, options: NetlinkOptions): void {
  // Both only make refusals easier to read; Linux before 4.12 and 4.3 lacks them.
  libc.setsockopt(fd, NETLINK_CAP_ACK, uint32(1));
  libc.setsockopt(fd, NETLINK_EXT_ACK, uint32(1));
  if (options.strictDumps === true) libc.setsockopt(fd, NETLINK_GET_STRICT_CHK, uint32(1));
  if (options.receiveBufferBytes !== undefined) {
    const size = uint32(options.receiveBufferBytes);
    if (libc.setsockopt(fd, SO_RCVBUFFORCE, size) < 0) libc.setsockopt(fd, SO_RCVBUF, size);
  }
  // Before anything arrives.
  if (options.unwanted) libc.attachFilter(fd, portFilter(options.unwanted));
  for (const group of options.groups) joinGroup(libc, fd, group);
}

/** Begins to hear a multicast group; throws HostError. */
export function joinGroup(libc: Libc, fd: number, group: number): void {
  if (libc.setsockopt(fd, NETLINK_ADD_MEMBERSHIP, uint32(group)) < 0)
    throw errnoError(`joining netlink group ${group}`, libc.errno());
}

/** Ceases to hear it; what was told before can still be read. Throws HostError. */
export function leaveGroup(libc: Libc, fd: number, group: number): void {
  if (libc.setsockopt(fd, NETLINK_DROP_MEMBERSHIP, uint32(group)) < 0)
    throw errnoError(`leaving netlink group ${group}`, libc.errno());
}

/** A `struct sockaddr_nl` of the kernel: port 0, no group. */
export function netlinkAddress(): Buffer {
  const address = Buffer.alloc(ADDRESS_LENGTH);
  address.writeUInt16LE(AF_NETLINK, 0);
  return address;
}

/** A number as system calls take it. */
export function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
