/** Exit codes of rampartd and rampartctl, after sysexits.h where that has one. */
export const EXIT = {
  ok: 0,
  /** Something outside failed: nftables, the interfaces, a datastore that did not answer in time. */
  failed: 1,
  /** EX_USAGE: the command line. */
  usage: 64,
  /** EX_DATAERR: manifests that calicoctl would refuse, or that cannot be read. */
  data: 65,
  /** EX_UNAVAILABLE: rampartd does not run here, or this host's nftables is too old for it (systemd does not restart then). */
  unavailable: 69,
  /** EX_SOFTWARE: a bug in the program. The rules in force stay. */
  bug: 70,
  /** EX_CONFIG: the configuration. systemd does not restart after it. */
  config: 78,
} as const;
