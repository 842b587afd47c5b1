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
    const came: string[] = [];
    const went: string[] = [];
    for (let i = version - this.#start; i < this.#members.length; i++)
      (this.#came[i] === true ? came : went).push(this.#members[i] ?? '');
    return areDisjoint(came, went) ? { added: came, removed: went } : netChange(came, went);
  }

  #keep(count: number): void {
    const dropped = this.#members.length - count;
    if (dropped <= 0) return;
    this.#members = this.#members.slice(dropped);
    this.#came = this.#came.slice(dropped);
    this.#start += dropped;
  }
}

function areDisjoint(some: readonly string[], others: readonly string[]): boolean {
  if (some.length === 0 || others.length === 0) return true;
  const known = new Set(some);
  return !others.some((member) => known.has(member));
}

// A member comes and goes by turns: it came once more than it went, or the other way around, or nothing is different.
function netChange(came: readonly string[], went: readonly string[]): NetChange {
  const balance = new Map<string, number>();
  for (const member of came) balance.set(member, (balance.get(member) ?? 0) + 1);
  for (const member of went) balance.set(member, (balance.get(member) ?? 0) - 1);
  const members = [...balance];
  return {
    added: members.filter(([, count]) => count > 0).map(([member]) => member),
    removed: members.filter(([, count]) => count < 0).map(([member]) => member),
  };
}
