/** Netlink families (include/uapi/linux/netlink.h). */
export const NETLINK = { route: 0, sockDiag: 4, netfilter: 12 } as const;
