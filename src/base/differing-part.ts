/** Where two lists differ: from `start` on, up to and without `beforeEnd` in one and `afterEnd` in the other. */
export interface DifferingPart {
  readonly start: number;
  readonly beforeEnd: number;
  readonly afterEnd: number;
}

/**
 * The shortest stretch outside of which both lists hold the same objects: empty in both when they are the same. Looks
 * at the lists only and not into what they hold, so that long lists with one change cost next to nothing.
 */
export function differingPart(
  before: readonly unknown[],
  after: readonly unknown[],
): DifferingPart {
  if (before === after) return { start: 0, beforeEnd: 0, afterEnd: 0 };
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && before[start] === after[start]) start++;
  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--;
    afterEnd--;
  }
  return { start, beforeEnd, afterEnd };
}
