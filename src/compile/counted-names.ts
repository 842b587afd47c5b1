/** Names that are referred to, counted by reference. */
export class CountedNames {
  readonly #counts = new Map<string, number>();
  /** Those that came or went since the last answer, or did both. */
  readonly #moved = new Set<string>();
  #names: ReadonlySet<string> = new Set();

  /** One more reference to each. */
  add(names: Iterable<string>): void {
    for (const name of names) {
      const count = this.#counts.get(name) ?? 0;
      this.#counts.set(name, count + 1);
      if (count === 0) this.#moved.add(name);
    }
  }

  /** One reference less to each; every one of them was added. */
  remove(names: Iterable<string>): void {
    for (const name of names) {
      const count = this.#counts.get(name) ?? 0;
      if (count > 1) this.#counts.set(name, count - 1);
      else {
        this.#counts.delete(name);
        this.#moved.add(name);
      }
    }
  }

  /** All names with a reference; the same set for as long as they are the same. */
  get names(): ReadonlySet<string> {
    const before = this.#names;
    const changed = [...this.#moved].filter((name) => this.#counts.has(name) !== before.has(name));
    this.#moved.clear();
    if (changed.length === 0) return before;
    const names = new Set(before);
    for (const name of changed) {
      if (this.#counts.has(name)) names.add(name);
      else names.delete(name);
    }
    this.#names = names;
    return names;
  }
}
