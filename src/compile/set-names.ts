import type { FamilyMembers, LocalPolicy, MemberSet } from '../policy/local-policy.ts';
import type { Family, NamedSet, SetKind } from '../ruleset/ruleset.ts';

/**
 * How the sets of the policy are called in nftables. The kind is part of the name: a set whose first CIDR
 * arrives becomes another set, because the kernel cannot turn a hash set into an interval set.
 */
export class SetNames {
  readonly #sets: LocalPolicy['sets'];
  #meaning: object | null = null;
  readonly #found = new WeakMap<ReadonlySet<string>, ReadonlyMap<string, NamedSet>>();

  constructor(sets: LocalPolicy['sets']) {
    this.#sets = sets;
  }

  /** The same object for as long as every set is called as before: see `follow`. */
  get meaning(): object {
    return (this.#meaning ??= {});
  }

  /** Takes over the meaning of earlier names, if no set is called otherwise than it was then. */
  follow(before: SetNames): void {
    if (this.#meaning === null && hasSameIntervals(before.#sets, this.#sets))
      this.#meaning = before.meaning;
  }

  /** Whether all these nftables names still mean what they meant when they were given. */
  areCurrent(names: Iterable<string>): boolean {
    for (const name of names) {
      const { id, family } = splitSetName(name);
      if (this.nameOf(id, family) !== name) return false;
    }
    return true;
  }

  /** The set with this nftables name, if the policy has it. */
  find(name: string): NamedSet | undefined {
    const { id, family } = splitSetName(name);
    const set = this.#sets.get(id);
    return set === undefined ? undefined : namedSets(set)[family === 4 ? 0 : 1];
  }

  /** The sets with these names, without those that the policy does not have: the same map for the same object. */
  findAll(names: ReadonlySet<string>): ReadonlyMap<string, NamedSet> {
    const known = this.#found.get(names);
    if (known !== undefined) return known;
    const sets = new Map<string, NamedSet>();
    for (const name of names) {
      const set = this.find(name);
      if (set !== undefined) sets.set(name, set);
    }
    this.#found.set(names, sets);
    return sets;
  }

  /** The nftables name of one family of a set. */
  nameOf(id: string, family: Family): string {
    const set = this.#sets.get(id);
    return setName(id, family, set === undefined ? 'hash' : kindOf(set, family));
  }
}

// Only sets of CIDRs are called otherwise than a set that is not there, or not yet.
function hasSameIntervals(some: LocalPolicy['sets'], others: LocalPolicy['sets']): boolean {
  let common = 0;
  for (const [id, set] of others) {
    const before = some.get(id);
    if (before !== undefined) common++;
    if (before !== set && !sameIntervals(before, set)) return false;
  }
  if (common === some.size) return true;
  for (const [id, set] of some) if (!others.has(id) && !sameIntervals(set, undefined)) return false;
  return true;
}

function sameIntervals(one: MemberSet | undefined, other: MemberSet | undefined): boolean {
  return ([4, 6] as const).every((family) => isInterval(one, family) === isInterval(other, family));
}

function isInterval(set: MemberSet | undefined, family: Family): boolean {
  return set !== undefined && kindOf(set, family) === 'interval';
}

const namesOf = new WeakMap<LocalPolicy['sets'], SetNames>();

/** The names of these sets; the same object for the same sets. */
export function setNamesOf(sets: LocalPolicy['sets']): SetNames {
  const known = namesOf.get(sets);
  if (known !== undefined) return known;
  const names = new SetNames(sets);
  namesOf.set(sets, names);
  return names;
}

const families = new WeakMap<MemberSet, readonly [NamedSet, NamedSet]>();

/** Both families of a set as nftables sets. */
export function namedSets(set: MemberSet): readonly [NamedSet, NamedSet] {
  const known = families.get(set);
  if (known !== undefined) return known;
  const named = [namedSet(set, 4), namedSet(set, 6)] as const;
  families.set(set, named);
  return named;
}

function namedSet(set: MemberSet, family: Family): NamedSet {
  const kind = kindOf(set, family);
  return {
    name: setName(set.id, family, kind),
    family,
    kind,
    elements: membersOf(set, family),
  };
}

function kindOf(set: MemberSet, family: Family): SetKind {
  if (set.kind === 'named-port') return 'named-port';
  return membersOf(set, family).addressesOnly ? 'hash' : 'interval';
}

function membersOf(set: MemberSet, family: Family): FamilyMembers {
  return family === 4 ? set.ipv4 : set.ipv6;
}

/** Both names that one family of a set can have: the one of addresses or named ports, and the one of CIDRs. */
export function possibleSetNames(id: string, family: Family): readonly string[] {
  return [setName(id, family, 'hash'), setName(id, family, 'interval')];
}

/** Whose set an nftables name stands for, and which family. */
export function splitSetName(name: string): { readonly id: string; readonly family: Family } {
  const end = name.lastIndexOf('-');
  return { id: name.slice(0, end), family: name.startsWith('6', end + 1) ? 6 : 4 };
}

function setName(id: string, family: Family, kind: SetKind): string {
  const suffix = kind === 'interval' ? 'i' : '';
  return `${id}-${family}${suffix}`;
}
