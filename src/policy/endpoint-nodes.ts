/** The nodes that have HostEndpoints. */
export class EndpointNodes {
  readonly #endpoints = new Map<string, number>();
  #names: readonly string[] | null = null;

  /** How many there are. */
  get size(): number {
    return this.#endpoints.size;
  }

  /** Each once; the same array while they are the same. */
  get names(): readonly string[] {
    this.#names ??= [...this.#endpoints.keys()];
    return this.#names;
  }

  /** A HostEndpoint moved from one node to the other; undefined: it came, or went. */
  moved(from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    this.#count(to, 1);
    this.#count(from, -1);
  }

  #count(node: string | undefined, change: 1 | -1): void {
    if (node === undefined) return;
    const before = this.#endpoints.get(node) ?? 0;
    const count = before + change;
    if (count === 0) this.#endpoints.delete(node);
    else this.#endpoints.set(node, count);
    if (count === 0 || before === 0) this.#names = null;
  }
}
