import { InvariantError } from '../base/errors.ts';
import { CidrCover } from '../net/cidr-cover.ts';
import type { FamilyMembers } from './local-policy.ts';

type Change = ReturnType<FamilyMembers['changesSince']>;

// Beyond this many changes a reader that is behind replaces the set instead of patching it.
const JOURNAL_LIMIT = 8192;

/**
 * Members of one family of one set, counted by reference: an address stays until its last contributor is
 * gone. While a CIDR wider than one address is among them, only the widest are exposed, because interval
 * sets refuse overlaps; the exposed members are a function of the present contributions alone.
 *
 * A lineage lasts while the set stays of one kind (addresses only, or with CIDRs).
 */
export class LiveMembers {
  readonly #references = new Map<string, number>();
  #cidrs = 0;
  #cover: CidrCover | null = null;
  #lineage: object = {};
  /** Members that came or went, by turns: whether one is there tells what happened to it last. */
  #journal: string[] = [];
  #journalStart = 0;
  #view: FamilyMembers | null = null;

  get version(): number {
    return this.#journalStart + this.#journal.length;
  }

  /** Whether nothing changed since `view` was taken. */
  isCurrent(view: FamilyMembers): boolean {
    return view.lineage === this.#lineage && view.version === this.version;
  }

  /** One more contributor of `member`: an address, a CIDR with its prefix length, or a triple. */
  add(member: string): void {
    const references = this.#references.get(member) ?? 0;
    this.#references.set(member, references + 1);
    if (references > 0) return;
    if (isCidr(member)) this.#cidrs += 1;
    if (this.#cover !== null) this.#record(this.#cover.add(member));
    else if (this.#cidrs > 0) this.#startCover();
    else this.#note(member);
    this.#trim();
  }

  /** One contributor of `member` less. */
  remove(member: string): void {
    const references = this.#references.get(member);
    if (references === undefined) throw new InvariantError(`${member} is not a member`);
    if (references > 1) {
      this.#references.set(member, references - 1);
      return;
    }
    this.#references.delete(member);
    if (isCidr(member)) this.#cidrs -= 1;
    if (this.#cover === null) this.#note(member);
    else if (this.#cidrs === 0) this.#stopCover();
    else this.#record(this.#cover.remove(member));
    this.#trim();
  }

  /** The exposed members as of now; readable until the next change. */
  view(): FamilyMembers {
    this.#view ??= this.#createView();
    if (!this.isCurrent(this.#view)) this.#view = this.#createView();
    return this.#view;
  }

  #startCover(): void {
    this.#cover = new CidrCover();
    for (const member of this.#references.keys()) this.#cover.add(member);
    this.#startLineage();
  }

  #stopCover(): void {
    this.#cover = null;
    this.#startLineage();
  }

  #startLineage(): void {
    this.#lineage = {};
    this.#journalStart = this.version + 1;
    this.#journal = [];
  }

  #record(change: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
  }): void {
    for (const member of change.removed) this.#note(member);
    for (const member of change.added) this.#note(member);
  }

  // Nobody can ask for changes since a version that nobody has seen.
  #note(member: string): void {
    if (this.#view !== null) this.#journal.push(member);
  }

  #trim(): void {
    if (this.#journal.length <= JOURNAL_LIMIT) return;
    const dropped = this.#journal.length - JOURNAL_LIMIT / 2;
    this.#journal = this.#journal.slice(dropped);
    this.#journalStart += dropped;
  }

  #createView(): FamilyMembers {
    const { version } = this;
    const lineage = this.#lineage;
    const members = (): {
      readonly size: number;
      has(member: string): boolean;
    } & Iterable<string> => {
      if (lineage !== this.#lineage || version !== this.version) {
        throw new InvariantError('the members were read after their set had moved on');
      }
      return this.#cover ?? this.#exposedReferences();
    };
    return {
      addressesOnly: this.#cover === null,
      lineage,
      version,
      size: members().size,
      has: (member) => members().has(member),
      changesSince: (since) => this.#changesSince(since, members()),
      [Symbol.iterator]: () => members()[Symbol.iterator](),
    };
  }

  #exposedReferences(): { readonly size: number; has(member: string): boolean } & Iterable<string> {
    const references = this.#references;
    return {
      size: references.size,
      has: (member) => references.has(member),
      [Symbol.iterator]: () => references.keys(),
    };
  }

  #changesSince(since: number, present: { has(member: string): boolean }): Change {
    if (since < this.#journalStart || since > this.version) return null;
    const changed = new Set<string>();
    for (let i = since - this.#journalStart; i < this.#journal.length; i++) {
      const member = this.#journal[i] ?? '';
      // Changes of one member alternate, so a second one undoes the first.
      if (!changed.delete(member)) changed.add(member);
    }
    const added: string[] = [];
    const removed: string[] = [];
    for (const member of changed) (present.has(member) ? added : removed).push(member);
    return { added, removed };
  }
}

function isCidr(member: string): boolean {
  return member.includes('/');
}
