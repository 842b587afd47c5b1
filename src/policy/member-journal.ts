/** What came and what went; the lists are disjoint. */
interface NetChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

// So many changes are always remembered.
const REMEMBERED = 4096;

/** The changes of a set in their order, and its version: how many there were. Old ones are forgotten. */
export class MemberJournal {
  /** Members that came or went, by turns, and whether they came. */
  #members: string[] = [];
  #came: boolean[] = [];
  #start: number;

  /** Begins at `version`. */
  constructor(version: number) {
    this.#start = version;
  }

  get version(): number {
    return this.#start + this.#members.length;
  }

  /** A member came, or went. */
  note(member: string, came: boolean): void {
    this.#members.push(member);
    this.#came.push(came);
  }

  /** Forgets what is older than `version`, when it is much. */
  forget(version: number): void {
    if (this.#members.length > 2 * REMEMBERED)
      this.#keep(Math.max(this.version - version, REMEMBERED));
  }

  /** Forgets what is older than `version`, and when more than `most` changes are newer, most of these as well. */
  limit(version: number, most: number): void {
    const limit = Math.max(2 * REMEMBERED, most);
    if (this.#members.length <= limit) return;
    if (this.version - version > limit) this.#keep(REMEMBERED);
    else this.forget(version);
  }

  /** The net change since a version; null when that is forgotten, or yet to come. */
  changesSince(version: number): NetChange | null {
    if (version < this.#start || version > this.version) return null;
    const changed = new Map<string, boolean>();
    for (let i = version - this.#start; i < this.#members.length; i++) {
      const member = this.#members[i] ?? '';
      // Changes of one member alternate, so a second one undoes the first.
      if (!changed.delete(member)) changed.set(member, this.#came[i] === true);
    }
    const added: string[] = [];
    const removed: string[] = [];
    for (const [member, came] of changed) (came ? added : removed).push(member);
    return { added, removed };
  }

  #keep(count: number): void {
    const dropped = this.#members.length - count;
    if (dropped <= 0) return;
    this.#members = this.#members.slice(dropped);
    this.#came = this.#came.slice(dropped);
    this.#start += dropped;
  }
}
