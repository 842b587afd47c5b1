import type { TextList } from '../base/text-list.ts';
import type { ElementChange } from './element-set.ts';
import type { NamedSet, SetDeclaration } from './ruleset.ts';
import type { Operation } from './transaction.ts';

type Sets = ReadonlyMap<string, NamedSet>;

/** What has to happen to the sets of a ruleset; those that it has no more are left alone. */
export interface SetChanges {
  /** Sets that are made anew: first of all, whatever refers to them goes, and they themselves. */
  readonly anew: ReadonlySet<string>;
  /** After that. */
  readonly operations: readonly Operation[];
}

const NOTHING: SetChanges = { anew: new Set(), operations: [] };

/** Turns sets into others. `editsSets`: single elements can be deleted at little cost (see `TransportInfo`). */
export function setChanges(from: Sets, to: Sets, editsSets: boolean): SetChanges {
  if (from === to) return NOTHING;
  const anew = new Set<string>();
  const operations: Operation[] = [];
  for (const [name, set] of to) {
    const before = from.get(name);
    if (before === set) continue;
    const edits = before === undefined ? [fill(set)] : editsOf(before, set, editsSets);
    if (before !== undefined && edits === null) {
      if (stepsOverOld(before, set)) anew.add(name);
      else operations.push({ op: 'flush-set', name });
    }
    operations.push(...(edits ?? [fill(set)]));
  }
  return { anew, operations };
}

// By nft, removing single elements makes nftables before 1.1 load every set of the host first, a second beside
// 100,000 elements, and then costs extra for each one: only large interval sets are worth it, and there
// only for a few. Hash sets are written again faster at any size.
const EDIT_ABOVE = 2000;
const MOST_DELETIONS = 10;

// Null: the set is to be written again.
function editsOf(before: NamedSet, set: NamedSet, editsSets: boolean): readonly Operation[] | null {
  const { elements } = set;
  const change =
    before.elements.lineage === elements.lineage
      ? elements.changesSince(before.elements.version)
      : null;
  if (change === null) return null;
  const { added, removed } = change;
  const addition = added.length === 0 ? [] : [addElements(set, added)];
  if (removed.length === 0) return addition;
  // nftables 1.0.6 loses a deletion when the same transaction adds to the same interval set.
  const isEdit = editsSets
    ? isShortEdit(change, elements.size)
    : set.kind === 'interval' &&
      added.length === 0 &&
      removed.length <= MOST_DELETIONS &&
      elements.size > EDIT_ABOVE;
  if (!isEdit) return null;
  return [{ op: 'delete-elements', set: declarationOf(set), elements: removed }, ...addition];
}

// Elements that come are looked for among those that go, until the transaction is committed: the kernel steps over all that
// lie next to each other, for each one that comes (Linux 6.18). Of many, in any order, that takes seconds.
const MOST_EXCHANGED = 8192;

function isShortEdit({ added, removed }: ElementChange, size: number): boolean {
  const count = removed.length + added.length;
  return count <= size && (added.length === 0 || count <= MOST_EXCHANGED);
}

// Making a set anew writes again what refers to it, which is not worth it for a small one.
function stepsOverOld(before: NamedSet, { kind, elements }: NamedSet): boolean {
  return kind === 'interval' && before.elements.size + elements.size > MOST_EXCHANGED;
}

// Networks by address, as their set gives them: then what came just before is found next to each.
function fill(set: NamedSet): Operation {
  return addElements(set, set.elements.kept());
}

function addElements(set: NamedSet, elements: TextList): Operation {
  return { op: 'add-elements', set: declarationOf(set), elements };
}

function declarationOf({ name, family, kind }: SetDeclaration): SetDeclaration {
  return { name, family, kind };
}
