import type { Packet } from '../explain/explain.ts';

/** Packets that wait to be judged; more are not. */
const MOST_WAITING = 2_000;

/** Packets that the kernel showed and that wait to be judged, and how many never will be. */
export class WaitingPackets {
  #packets: Packet[] = [];
  #lost = 0;

  /** Packets that were seen and are not judged. */
  get lost(): number {
    return this.#lost;
  }

  add(packet: Packet): void {
    if (this.#packets.length < MOST_WAITING) this.#packets.push(packet);
    else this.lose(1);
  }

  lose(packets: number): void {
    this.#lost += packets;
  }

  /** All that wait, in their order; they do not any more. */
  take(): readonly Packet[] {
    const packets = this.#packets;
    this.#packets = [];
    return packets;
  }

  /** Nothing waits, and nothing was lost. */
  clear(): void {
    this.#packets = [];
    this.#lost = 0;
  }
}
