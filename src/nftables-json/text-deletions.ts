import { TABLE } from '../ruleset/ruleset.ts';
import type { ForeignKind, Transaction } from '../ruleset/transaction.ts';

// `delete` of these in JSON makes nft 1.0.6 abort ("BUG: invalid command object type") or refuse to parse.
const TEXT_ONLY: ReadonlySet<ForeignKind> = new Set<ForeignKind>([
  'ct timeout',
  'ct expectation',
  'synproxy',
]);

// What nft's own syntax takes as a name without quotes.
const PLAIN_NAME = /^[A-Za-z][\w/.-]*$/;

/** Whether nft can remove the object, in one syntax or the other. What it cannot remove is inert without rules. */
export function isRemovable(object: {
  readonly kind: ForeignKind;
  readonly name: string;
}): boolean {
  return !isTextOnly(object.kind) || PLAIN_NAME.test(object.name);
}

/** Whether only nft's own syntax, and not its JSON, can delete objects of that kind. */
export function isTextOnly(kind: ForeignKind): boolean {
  return TEXT_ONLY.has(kind);
}

/** Commands in nft's own syntax, one a line, for the deletions in `transaction` that JSON cannot express. */
export function textDeletions(transaction: Transaction): readonly string[] {
  return transaction.flatMap((operation) =>
    operation.op === 'delete-foreign' && isTextOnly(operation.kind) && isRemovable(operation)
      ? [`delete ${operation.kind} ${TABLE.family} ${TABLE.name} ${operation.name}`]
      : [],
  );
}
