const SHOWN = 10;

/** The names of what a turn takes in, for the log: the first ten, and how many more there were. */
export class ChangedObjects {
  #waiting = new Batch();
  #taken = new Batch();

  /** Something arrived that the next turn will take in. */
  add(name: string): void {
    this.#waiting.add(name);
  }

  /** A turn takes everything in that has arrived; a turn that failed leaves its names to the next one. */
  take(): void {
    this.#taken.join(this.#waiting);
    this.#waiting = new Batch();
  }

  /** What the present turn has taken in so far, as `settle` will tell it. */
  taken(): readonly string[] {
    return this.#taken.list();
  }

  /** The turn ended well: what it took in, `+n more` at the end when that is more than ten. */
  settle(): readonly string[] {
    const names = this.#taken.list();
    this.#taken = new Batch();
    return names;
  }
}

// A first view has a hundred thousand names: only those that are shown are kept.
class Batch {
  readonly #names = new Set<string>();
  #more = 0;

  add(name: string): void {
    if (this.#names.size < SHOWN) this.#names.add(name);
    else if (!this.#names.has(name)) this.#more += 1;
  }

  join(later: Batch): void {
    for (const name of later.#names) this.add(name);
    this.#more += later.#more;
  }

  list(): readonly string[] {
    return this.#more === 0 ? [...this.#names] : [...this.#names, `+${this.#more} more`];
  }
}
