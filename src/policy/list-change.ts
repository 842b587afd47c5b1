import { differingPart } from '../base/differing-part.ts';
import type { TextList } from '../base/text-list.ts';

/** What a list lost and gained, as a bag: order does not count, repetitions do. */
export interface ListChange {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** The change from one list to another; its work beyond one comparison each is that of the part that differs. */
export function listChange(before: readonly string[], after: readonly string[]): ListChange {
  const { start, beforeEnd, afterEnd } = differingPart(before, after);
  return bagChange(before.slice(start, beforeEnd), after.slice(start, afterEnd));
}

function bagChange(before: readonly string[], after: readonly string[]): ListChange {
  const counts = new Map<string, number>();
  for (const item of before) counts.set(item, (counts.get(item) ?? 0) + 1);
  const added: string[] = [];
  for (const item of after) {
    const count = counts.get(item) ?? 0;
    if (count === 0) added.push(item);
    else counts.set(item, count - 1);
  }
  const removed: string[] = [];
  for (const [item, count] of counts) for (let i = 0; i < count; i++) removed.push(item);
  return { removed, added };
}

/** Changing the members of sets by so many takes a few milliseconds. */
export const STEP = 2000;

/** A list on the way from one to another, good until the next step, and what this step changed. */
export interface ListStep extends ListChange {
  readonly list: TextList;
}

/** Steps from one list to another, at least one, of which the last brings `result`, the same as `after`. */
export function* stepsBetween(
  before: readonly string[],
  after: readonly string[],
  result: TextList = after,
): Generator<ListStep, void> {
  const { start, beforeEnd, afterEnd } = differingPart(before, after);
  const end = Math.max(beforeEnd, afterEnd);
  const list = end - start > STEP ? [...before] : [];
  let at = start;
  for (let from = start; from === start || from < end; from += STEP) {
    const old = before.slice(from, Math.min(from + STEP, beforeEnd));
    const fresh = after.slice(from, Math.min(from + STEP, afterEnd));
    const isLast = from + STEP >= end;
    if (!isLast) list.splice(at, old.length, ...fresh);
    at += fresh.length;
    // Whoever keeps the last one keeps no copy.
    yield { ...bagChange(old, fresh), list: isLast ? result : list };
  }
}
