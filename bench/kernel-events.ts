import { openNetlink } from '../src/netlink/netlink-socket.ts';
import { NETLINK } from '../src/netlink/protocols.ts';

const NFNLGRP_NFTABLES = 7;
const NFT_MSG_NEWGEN = 0x0a0f;

/** The commits of nf_tables in this network namespace, as multicast netlink tells of them. */
export interface KernelEvents {
  /** Resolves with the time (`performance.now`) at which the next commit is heard of. */
  nextCommit(): Promise<number>;
  close(): void;
}

/** Begins to listen. */
export async function listenToKernel(): Promise<KernelEvents> {
  const socket = await openNetlink({
    protocol: NETLINK.netfilter,
    groups: [NFNLGRP_NFTABLES],
    receiveBufferBytes: 128 * 1024 * 1024,
  });
  let tell: (at: number) => void = () => undefined;
  socket.onMessages((datagram) => {
    const at = performance.now();
    // Each transaction ends with one datagram of this message alone.
    if (datagram.readUInt16LE(4) === NFT_MSG_NEWGEN) tell(at);
  });
  return {
    nextCommit: () =>
      new Promise((resolve) => {
        tell = resolve;
      }),
    close: () => {
      socket.close();
    },
  };
}
