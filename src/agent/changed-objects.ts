import type { ObjectChange } from '../report/history.ts';

const SHOWN = 10;

type Change = ObjectChange['change'];

/** The names of what a turn takes in, for log and history: the first ten, and how many more there were. */
export class ChangedObjects {
  #waiting = new Batch();
  #taken = new Batch();

  /** Something arrived that the next turn will take in. */
  add(name: string, change: Change = 'updated'): void {
    this.#waiting.add(name, change);
  }

  /** A turn takes everything in that has arrived; a turn that failed leaves its names to the next one. */
  take(): void {
    this.#taken.join(this.#waiting);
    this.#waiting = new Batch();
  }

  /** What the turn under way has taken in, `+n more` at the end when that is more than ten. */
  get taken(): readonly ObjectChange[] {
    return this.#taken.list();
  }

  /** The turn ended well: the names of what it took in. */
  settle(): readonly string[] {
    const names = this.#taken.list().map(({ name }) => name);
    this.#taken = new Batch();
    return names;
  }
}

/** What became of an object, by whether it was there before and after. */
export function changeOf(before: number, after: number): Change {
  if (before === after) return 'updated';
  return before < after ? 'created' : 'deleted';
}

// A first view has a hundred thousand names: only those that are shown are kept.
class Batch {
  readonly #names = new Map<string, Change>();
  #more = 0;

  add(name: string, change: Change): void {
    const earlier = this.#names.get(name);
    if (earlier !== undefined) this.#names.set(name, joined(earlier, change));
    else if (this.#names.size < SHOWN) this.#names.set(name, change);
    else this.#more += 1;
  }

  join(later: Batch): void {
    for (const [name, change] of later.#names) this.add(name, change);
    this.#more += later.#more;
  }

  list(): readonly ObjectChange[] {
    const listed = Array.from(this.#names, ([name, change]) => ({ name, change }));
    return this.#more === 0 ? listed : [...listed, { name: `+${this.#more} more`, change: '' }];
  }
}

function joined(earlier: Change, later: Change): Change {
  if (earlier === 'created' && later === 'updated') return 'created';
  return earlier === 'deleted' && later === 'created' ? 'updated' : later;
}
