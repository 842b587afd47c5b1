import { setTimeout as rest } from 'node:timers/promises';
import { openNetlink } from '../src/netlink/netlink-socket.ts';
import { NETLINK } from '../src/netlink/protocols.ts';
import { generationOf } from '../src/nftables-json/generation.ts';
import { NEW_GENERATION, NFNLGRP_NFTABLES } from '../src/nftables-json/nf-tables-events.ts';

const ASKING_MS = 1;

/** The commits of nf_tables in this network namespace. */
export interface KernelEvents {
  /** Resolves with the time (`performance.now`) at which the next commit is known. */
  nextCommit(): Promise<number>;
  close(): void;
}

/**
 * Asks for the number of the generation every millisecond. As long as anybody listens the kernel writes a notification of each
 * element of a transaction, which takes it longer than large sets themselves.
 */
export async function askKernel(): Promise<KernelEvents> {
  const socket = await openNetlink({ protocol: NETLINK.netfilter, groups: [] });
  return {
    nextCommit: async () => {
      const before = await generationOf(socket);
      while ((await generationOf(socket)) === before) await rest(ASKING_MS);
      return performance.now();
    },
    close: () => {
      socket.close();
    },
  };
}

/** Begins to listen to what multicast netlink tells. */
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
    if (datagram.readUInt16LE(4) === NEW_GENERATION) tell(at);
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
