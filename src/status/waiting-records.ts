// So many are made at once if nobody asks: little memory, and a few milliseconds.
const MOST = 256;

/**
 * What is to be recorded in the registry of metrics once somebody asks for it: a change of the rules shall not wait for that,
 * and of a registry that nobody reads little is made.
 */
export class WaitingRecords {
  #records: (() => void)[] = [];

  add(record: () => void): void {
    this.#records.push(record);
    if (this.#records.length >= MOST) this.make();
  }

  /** Makes all that wait, in the order in which they came. */
  make(): void {
    const records = this.#records;
    this.#records = [];
    for (const record of records) record();
  }
}
