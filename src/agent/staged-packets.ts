import { toError } from '../base/errors.ts';
import { STAGED_LOG } from '../compile/staged-chains.ts';
import type { Packet } from '../explain/explain.ts';
import type { LoggedPacket, PacketLog, PacketSubscription } from '../nflog/packet-log.ts';

/** Who is told of packets of new connections. */
export interface StagedListener {
  onPacket(packet: Packet): void;
  /** So many were shown and not heard. */
  onLost(packets: number): void;
}

/** Hears the packets that the chains for staged policies show, for as long as it is wanted. */
export class StagedPackets {
  readonly #log: PacketLog;
  readonly #listener: StagedListener;
  #isWanted = false;
  #isOpening = false;
  #subscription: PacketSubscription | null = null;
  #error: string | null = null;

  constructor(log: PacketLog, listener: StagedListener) {
    this.#log = log;
    this.#listener = listener;
  }

  /** Why nothing is heard; null: it is, or nothing is wanted. */
  get error(): string | null {
    return this.#error;
  }

  /** Begins or ends to listen; where that failed before, it is tried again. Never throws. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    if (isWanted) {
      if (this.#subscription === null && !this.#isOpening) void this.#open();
      return;
    }
    this.#subscription?.close();
    this.#subscription = null;
    this.#error = null;
  }

  async #open(): Promise<void> {
    this.#isOpening = true;
    try {
      const subscription = await this.#log.open(STAGED_LOG.group, {
        prefix: STAGED_LOG.prefix,
        onPacket: (logged) => {
          const packet = packetOfLog(logged);
          if (packet !== null) this.#listener.onPacket(packet);
        },
        onLost: (packets) => {
          this.#listener.onLost(packets);
        },
      });
      this.#error = null;
      if (this.#isWanted) this.#subscription = subscription;
      else subscription.close();
    } catch (thrown) {
      this.#error = this.#isWanted ? toError(thrown).message : null;
    } finally {
      this.#isOpening = false;
    }
  }
}

/**
 * The first packet of a flow, by one that was logged ahead of the filter chains; null for those that tell nothing:
 * fragments, neighbour discovery, and packets of this host to itself on their way in, which were seen on their way out.
 */
export function packetOfLog(logged: LoggedPacket): Packet | null {
  const { hook, iifname, oifname } = logged;
  const way = wayOf(logged);
  if (way === null || isLocalDiscovery(logged) || isFragment(logged)) return null;
  const { family, source, destination, protocol, sourcePort, destinationPort } = logged;
  const { icmpType, icmpCode, mark } = logged;
  return {
    ...{ path: way, iifname, oifname, oifnameAfterDnat: null },
    ...(way === 'loopback' ? { iifname: 'lo' } : {}),
    ...(hook === 'input' ? { oifname: '' } : {}),
    ...{ family, source, destination, protocol, sourcePort, destinationPort, icmpType, icmpCode },
    ...{ hopLimit: 64, mark, conntrack: 'new', dnat: null },
  };
}

function wayOf({ hook, iifname, oifname }: LoggedPacket): Packet['path'] | null {
  if (hook === 'forward') return 'forward';
  if (hook === 'input') return iifname === 'lo' ? null : 'input';
  if (hook !== 'output') return null;
  return oifname === 'lo' ? 'loopback' : 'output';
}

const PORTED: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

function isFragment({ protocol, sourcePort, icmpType }: LoggedPacket): boolean {
  if (protocol === 1 || protocol === 58) return icmpType === null;
  return PORTED.has(protocol) && sourcePort === null;
}

// It passes whatever policy says, by its hop limit, which is not told.
function isLocalDiscovery({ family, protocol, icmpType }: LoggedPacket): boolean {
  if (family !== 6 || protocol !== 58 || icmpType === null) return false;
  return (icmpType >= 130 && icmpType <= 137) || icmpType === 143;
}
