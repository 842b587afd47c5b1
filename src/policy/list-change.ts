/** What a list lost and gained, as a bag: order does not count, repetitions do. */
export interface ListChange {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** The change from one list to another; its work beyond one comparison each is that of the part that differs. */
export function listChange(before: readonly string[], after: readonly string[]): ListChange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return bagChange(
    before.slice(start, before.length - end),
    after.slice(start, after.length - end),
  );
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
export const STEP = 5000;

/**
 * Lists on the way from one to another, which differ little each from the one before; none where the two do. The last
 * of them differs little from `after`.
 */
export function* stepsBetween(
  before: readonly string[],
  after: readonly string[],
): Generator<readonly string[], void> {
  const longer = Math.max(before.length, after.length);
  if (longer <= STEP) return;
  const { removed, added } = listChange(before, after);
  if (removed.length + added.length <= STEP) return;
  for (let done = STEP; done < longer; done += STEP) {
    yield after.slice(0, done).concat(before.slice(done));
  }
}
