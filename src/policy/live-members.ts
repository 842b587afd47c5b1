import { InvariantError } from '../base/errors.ts';
import { CidrCover } from '../net/cidr-cover.ts';
import type { FamilyMembers } from './local-policy.ts';
import { MemberJournal } from './member-journal.ts';

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
  #journal = new MemberJournal(0);
  #view: FamilyMembers | null = null;

  get version(): number {
    return this.#journal.version;
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
    else this.#note(member, true);
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
    if (this.#cover === null) this.#note(member, false);
    else if (this.#cidrs === 0) this.#stopCover();
    else this.#record(this.#cover.remove(member));
    this.#trim();
  }

  /** The exposed members as of now; readable until the next change. */
  view(): FamilyMembers {
    const last = this.#view;
    if (last !== null && this.isCurrent(last)) return last;
    // Whoever reads what is new now knows the last view, or is hardly behind it.
    if (last !== null) this.#journal.forget(last.version);
    this.#view = this.#createView();
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
    this.#journal = new MemberJournal(this.version + 1);
  }

  #record(change: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
  }): void {
    for (const member of change.removed) this.#note(member, false);
    for (const member of change.added) this.#note(member, true);
  }

  // Nobody can ask for changes since a version that nobody has seen.
  #note(member: string, came: boolean): void {
    if (this.#view !== null) this.#journal.note(member, came);
  }

  // A reader that is behind by more changes than there are members writes them all.
  #trim(): void {
    if (this.#view !== null) this.#journal.limit(this.#view.version, this.#references.size);
  }

  #createView(): FamilyMembers {
    const { version } = this;
    const lineage = this.#lineage;
    const members = (): Exposed => {
      if (lineage !== this.#lineage || version !== this.version) {
        throw new InvariantError('the members were read after their set had moved on');
      }
      // Networks come by address: see `diffRulesets`.
      return this.#cover ?? this.#exposedReferences();
    };
    return {
      addressesOnly: this.#cover === null,
      lineage,
      version,
      size: members().size,
      has: (member) => members().has(member),
      changesSince: (since) => {
        members();
        return this.#journal.changesSince(since);
      },
      kept: () => members().kept(),
      [Symbol.iterator]: () => members()[Symbol.iterator](),
    };
  }

  #exposedReferences(): Exposed {
    const references = this.#references;
    return {
      size: references.size,
      has: (member) => references.has(member),
      kept: () => Array.from(references.keys()),
      [Symbol.iterator]: () => references.keys(),
    };
  }
}

type Exposed = Iterable<string> & Pick<FamilyMembers, 'size' | 'has' | 'kept'>;

function isCidr(member: string): boolean {
  return member.includes('/');
}
