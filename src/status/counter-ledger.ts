/** A named counter's value. */
export interface CounterReading {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

interface Entry {
  /** What was counted before the kernel began anew. */
  readonly before: { readonly packets: number; readonly bytes: number };
  readonly last: { readonly packets: number; readonly bytes: number };
}

const ZERO = { packets: 0, bytes: 0 };
const UNKNOWN: Entry = { before: ZERO, last: ZERO };
// How many counters that are gone are remembered, in case they come back.
const REMEMBERED = 10_000;

/**
 * Totals of the kernel's counters that never go backwards while this process lives, although the kernel begins at
 * zero when a counter was deleted and created again.
 */
export class CounterLedger {
  readonly #present = new Map<string, Entry>();
  /** In the order in which they went. */
  readonly #gone = new Map<string, Entry>();

  /** Takes present values. A value below the one before means that the counter began anew. */
  read(readings: Iterable<CounterReading>): void {
    for (const { name, packets, bytes } of readings) {
      const known = this.#entry(name);
      const isAnew = packets < known.last.packets || bytes < known.last.bytes;
      const { before } = isAnew ? closed(known) : known;
      this.#gone.delete(name);
      this.#present.set(name, { before, last: { packets, bytes } });
    }
  }

  /** These counters are deleted; should they come back, they go on from their totals. */
  retire(names: Iterable<string>): void {
    for (const name of names) {
      const known = this.#present.get(name);
      if (known === undefined) continue;
      this.#present.delete(name);
      this.#gone.set(name, closed(known));
    }
    for (const name of this.#gone.keys()) {
      if (this.#gone.size <= REMEMBERED) break;
      this.#gone.delete(name);
    }
  }

  /** Everything that was counted under this name as far as it was read. */
  total(name: string): { readonly packets: number; readonly bytes: number } {
    return closed(this.#entry(name)).before;
  }

  #entry(name: string): Entry {
    return this.#present.get(name) ?? this.#gone.get(name) ?? UNKNOWN;
  }
}

function closed({ before, last }: Entry): Entry {
  const packets = before.packets + last.packets;
  return { before: { packets, bytes: before.bytes + last.bytes }, last: ZERO };
}
