import { editDistance } from '../base/edit-distance.ts';

/**
 * The candidate that `name` was probably meant to be: fewest edits, letters' case ignored, at most a third of
 * its length; null when nothing is that close.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest && edits * 3 <= Math.max(candidate.length, 3)) {
      best = candidate;
      fewest = edits;
    }
  }
  return best;
}
