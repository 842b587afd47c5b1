/** A network interface as host endpoints see it. */
export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  /** IFF_RUNNING: Calico's "oper up". */
  readonly running: boolean;
  /**
   * Addresses for which the host is the destination over this interface (local routes of table `local`,
   * both families, link-local included), canonical text, sorted.
   */
  readonly addresses: readonly string[];
}

export type InterfacesListener = (interfaces: readonly NetworkInterface[]) => void;

/** What the kernel says of this host's interfaces. */
export interface Host {
  /**
   * Delivers the whole inventory, ordered by name, now and after every change (bursts may be folded
   * into one delivery). Resolves after the first delivery. Call once.
   */
  start(listener: InterfacesListener): Promise<void>;
  /** Stops delivering and releases all handles. */
  close(): Promise<void>;
}
