import type { Packet } from '../explain/explain.ts';

// Of each of the two halves; a key is some hundred bytes.
const MOST = 40_000;
/** A flow that is not met again for this long is a new one. */
const MEMORY_MS = 120_000;

/**
 * Remembers which flows were met lately, and up to which round each was judged, in bounded memory: two halves, of
 * which the older one is forgotten as a whole.
 */
export class SeenFlows {
  #young = new Map<string, number>();
  #old: ReadonlyMap<string, number> = new Map();
  #turnedAt = 0;

  /**
   * The round in which the flow was met last; -1: it is new. It counts as met in `round` now. `now` is a monotonic
   * time in milliseconds.
   */
  meet(packet: Packet, round: number, now: number): number {
    if (this.#young.size >= MOST || now - this.#turnedAt >= MEMORY_MS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#turnedAt = now;
    }
    const key = flowKey(packet);
    const before = this.#young.get(key) ?? this.#old.get(key) ?? -1;
    this.#young.set(key, round);
    return before;
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}

// After translation: connection tracking tells it, and so does a packet in the hooks that it is seen in.
function flowKey(packet: Packet): string {
  const { path, protocol, source, sourcePort, dnat, icmpType } = packet;
  const destination = dnat?.destination ?? packet.destination;
  const port = dnat?.destinationPort ?? packet.destinationPort;
  return [path, protocol, source, sourcePort, destination, port, icmpType].join(' ');
}
