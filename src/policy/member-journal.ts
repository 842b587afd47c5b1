import { listChange } from './list-change.ts';
import type { ListChange } from './list-change.ts';

// So many changes are always remembered.
const REMEMBERED = 4096;
// What is left of more than these takes tens of milliseconds to find, and mostly is so much that the set is made anew.
const MOST_NETTED = 16_384;

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

  /** The net change since a version; null when that is forgotten, or yet to come, or when too much came and went. */
  changesSince(version: number): ListChange | null {
    if (version < this.#start || version > this.version) return null;
    const from = version - this.#start;
    const isMuch = this.#members.length - from > MOST_NETTED;
    if (isMuch && this.#came.includes(true, from) && this.#came.includes(false, from)) return null;
    const came: string[] = [];
    const went: string[] = [];
    for (let i = from; i < this.#members.length; i++)
      (this.#came[i] === true ? came : went).push(this.#members[i] ?? '');
    if (came.length === 0 || went.length === 0) return { removed: went, added: came };
    // A member comes and goes by turns: as bags, they differ by what is different in the end.
    return listChange(went, came);
  }

  #keep(count: number): void {
    const dropped = this.#members.length - count;
    if (dropped <= 0) return;
    this.#members = this.#members.slice(dropped);
    this.#came = this.#came.slice(dropped);
    this.#start += dropped;
  }
}
