import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { NETLINK } from '../netlink/protocols.ts';

/**
 * Port numbers of this process's sockets of the netlink family netfilter in its network namespace: notifications carry
 * the port of whoever made the change. Empty where /proc does not show them.
 */
export function ownNetfilterPorts(): Set<number> {
  try {
    const own = ownSocketInodes();
    const sockets = parseNetlinkSockets(readFileSync('/proc/self/net/netlink', 'utf8'));
    return new Set(
      sockets
        .filter(({ protocol, inode }) => protocol === NETLINK.netfilter && own.has(inode))
        .map(({ portId }) => portId),
    );
  } catch {
    return new Set();
  }
}

/** One line of /proc/net/netlink. */
export interface NetlinkSocketEntry {
  readonly protocol: number;
  readonly portId: number;
  readonly inode: string;
}

/** Reads /proc/net/netlink: columns sk, Eth, Pid, Groups, Rmem, Wmem, Dump, Locks, Drops, Inode. */
export function parseNetlinkSockets(text: string): readonly NetlinkSocketEntry[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, protocol, portId, , , , , , , inode] = line.trim().split(/\s+/);
      return inode === undefined
        ? []
        : [{ protocol: Number(protocol), portId: Number(portId), inode }];
    });
}

function ownSocketInodes(): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkTarget(`/proc/self/fd/${fd}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

// The descriptor that lists the directory is gone when its link is read.
function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
